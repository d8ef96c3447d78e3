-- Devices, what was sent to them, and what they reported.
CREATE TABLE devices (
    id               text PRIMARY KEY,
    owner            text NOT NULL,
    kind             text NOT NULL,
    driver           text NOT NULL,
    build_x          double precision NOT NULL,
    build_y          double precision NOT NULL,
    build_z          double precision NOT NULL,
    nozzle_diameter  double precision NOT NULL,
    -- The last report that was written here; what happened follows from comparing it with the next one.
    status           jsonb,
    boot             text,
    sequence         bigint,
    last_seen        timestamptz,
    -- The highest fence for which a start may have been sent. It never goes down.
    sent_fence       bigint NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL
);

CREATE INDEX devices_by_owner ON devices (owner, id);

CREATE TABLE commands (
    id         text PRIMARY KEY,
    device     text NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    kind       text NOT NULL,
    fence      bigint,
    print_job  text,
    sent_at    timestamptz NOT NULL,
    acked_at   timestamptz,
    accepted   boolean,
    reason     text
);

CREATE INDEX commands_by_time ON commands (sent_at);
-- The last guard of "at most one start for a fence", whatever the code does.
CREATE UNIQUE INDEX commands_one_start ON commands (device, fence) WHERE kind = 'start';

CREATE TABLE telemetry (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device     text NOT NULL,
    at         timestamptz NOT NULL,
    boot       text NOT NULL,
    sequence   bigint NOT NULL,
    print_job  text,
    fence      bigint NOT NULL,
    ended      boolean NOT NULL,
    status     jsonb NOT NULL,
    -- Every replica hears every report; one of them writes it.
    CONSTRAINT telemetry_once UNIQUE (device, boot, sequence)
);

CREATE INDEX telemetry_by_device ON telemetry (device, id);
CREATE INDEX telemetry_by_print ON telemetry (device, fence, id);
CREATE INDEX telemetry_by_time ON telemetry (at);
