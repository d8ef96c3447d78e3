-- Facts, written in the transaction that made them.
CREATE TABLE outbox (
    -- The transaction that wrote the row. Readers stop before the oldest transaction that still runs, and (tx, seq) is
    -- the order; see the crate's documentation.
    tx            xid8        NOT NULL DEFAULT pg_current_xact_id(),
    seq           bigint      GENERATED ALWAYS AS IDENTITY,
    id            uuid        NOT NULL UNIQUE,
    subject       text        NOT NULL,
    kind          text        NOT NULL,
    owner         text        NOT NULL,
    payload       jsonb       NOT NULL,
    trace_context text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tx, seq)
);

CREATE INDEX outbox_subject ON outbox (subject, tx, seq);
CREATE INDEX outbox_owner ON outbox (owner, tx, seq);
CREATE INDEX outbox_created ON outbox (created_at);

-- How far each consumer has come, and who is consuming.
CREATE TABLE event_cursors (
    consumer    text        PRIMARY KEY,
    tx          xid8        NOT NULL DEFAULT '0',
    seq         bigint      NOT NULL DEFAULT 0,
    holder      uuid,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
