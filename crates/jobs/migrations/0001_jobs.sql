-- A job is a row before it is work.
CREATE TABLE jobs (
    id               uuid        PRIMARY KEY,
    queue            text        NOT NULL,
    kind             text        NOT NULL,
    payload          jsonb       NOT NULL,
    owner            text        NOT NULL,
    state            text        NOT NULL DEFAULT 'queued'
                     CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    priority         integer     NOT NULL DEFAULT 0,
    run_at           timestamptz NOT NULL DEFAULT now(),
    -- attempts: how often it was started; failures: how often its handler failed; losses: how often its worker vanished.
    attempts         integer     NOT NULL DEFAULT 0,
    failures         integer     NOT NULL DEFAULT 0,
    losses           integer     NOT NULL DEFAULT 0,
    max_attempts     integer     NOT NULL CHECK (max_attempts > 0),
    -- The fence: grows at every claim, and only its current holder may change the row.
    lease_epoch      bigint      NOT NULL DEFAULT 0,
    lease_expires_at timestamptz,
    worker           text,
    progress         real        NOT NULL DEFAULT 0,
    stage            text        NOT NULL DEFAULT '',
    result           jsonb,
    error            jsonb,
    trace_context    text,
    cancel_requested boolean     NOT NULL DEFAULT false,
    dedup_key        text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    -- Grows with every change that a watcher should see.
    revision         bigint      NOT NULL DEFAULT 1,
    CHECK ((state = 'running') = (lease_expires_at IS NOT NULL))
);

CREATE INDEX jobs_claim ON jobs (queue, kind, priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_lease ON jobs (lease_expires_at) WHERE state = 'running';
CREATE INDEX jobs_owner ON jobs (owner, id DESC);
CREATE UNIQUE INDEX jobs_dedup ON jobs (kind, dedup_key) WHERE dedup_key IS NOT NULL AND state IN ('queued', 'running');
