-- The first answer to a request that its sender may repeat.
CREATE TABLE idempotency_keys (
    owner        text        NOT NULL,
    method       text        NOT NULL,
    request_id   text        NOT NULL,
    payload_hash bytea       NOT NULL,
    answer       bytea       NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (owner, method, request_id)
);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
