-- Finished slices; the work on them is in the jobs table.
CREATE TABLE slices (
    id                uuid PRIMARY KEY,
    owner             text NOT NULL,
    -- Hash of what was asked for: an equal order of the same owner gets this slice.
    order_key         text NOT NULL,
    mesh_hash         text NOT NULL,
    gcode_hash        text NOT NULL,
    gcode_size_bytes  bigint NOT NULL,
    material          text NOT NULL,
    material_assumed  boolean NOT NULL,
    copies            integer NOT NULL CHECK (copies > 0),
    layer_count       integer NOT NULL,
    seconds           double precision NOT NULL,
    filament_mm       double precision NOT NULL,
    mass_g            double precision NOT NULL,
    size_x            double precision NOT NULL,
    size_y            double precision NOT NULL,
    size_z            double precision NOT NULL,
    options           jsonb NOT NULL,
    created_at        timestamptz NOT NULL
);

CREATE INDEX slices_by_order ON slices (owner, order_key);

CREATE TABLE quotes (
    id          uuid PRIMARY KEY,
    owner       text NOT NULL,
    slice       uuid NOT NULL REFERENCES slices (id),
    hash        text NOT NULL,
    body        jsonb NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE print_jobs (
    id                  uuid PRIMARY KEY,
    owner               text NOT NULL,
    slice               uuid NOT NULL REFERENCES slices (id),
    gcode_hash          text NOT NULL,
    gcode_size_bytes    bigint NOT NULL,
    size_x              double precision NOT NULL,
    size_y              double precision NOT NULL,
    size_z              double precision NOT NULL,
    copies              integer NOT NULL,
    layer_count         integer NOT NULL,
    wanted_printer      text,
    printer             text,
    state               text NOT NULL CHECK (state IN ('pending', 'queueing', 'preparing', 'printing', 'paused',
                                                       'completed', 'failed', 'cancelled', 'maintenance')),
    progress            double precision NOT NULL,
    layer               integer NOT NULL,
    eta_seconds         double precision NOT NULL,
    reason              text NOT NULL,
    nozzle_temperature  double precision NOT NULL,
    bed_temperature     double precision NOT NULL,
    fence               bigint NOT NULL,
    fence_before        bigint NOT NULL,
    -- The start with this fence may have been sent: from here on only the printer knows.
    start_sent          boolean NOT NULL,
    command             text CHECK (command IN ('pause', 'resume', 'cancel')),
    outcome             text CHECK (outcome IN ('completed', 'failed', 'cancelled')),
    telemetry_hash      text,
    created_at          timestamptz NOT NULL,
    started_at          timestamptz,
    ended_at            timestamptz,
    CHECK (NOT start_sent OR (printer IS NOT NULL AND fence > 0))
);

CREATE INDEX print_jobs_by_owner ON print_jobs (owner, id DESC);
CREATE INDEX print_jobs_waiting ON print_jobs (owner, id) WHERE state IN ('pending', 'queueing');

-- One row a printer: its fence, and the one job that may start something on it.
CREATE TABLE printers (
    device       text PRIMARY KEY,
    fence        bigint NOT NULL DEFAULT 0,
    current_job  uuid UNIQUE REFERENCES print_jobs (id),
    build_x      double precision NOT NULL,
    build_y      double precision NOT NULL,
    build_z      double precision NOT NULL
);
