-- What language models cost each owner, how strictly each endpoint can be held to a schema, and which dialogues wait for
-- a model just now.
CREATE TABLE llm_usage (
    owner              text NOT NULL,
    -- UTC.
    day                date NOT NULL,
    endpoint           text NOT NULL,
    model              text NOT NULL,
    calls              bigint NOT NULL,
    -- Calls whose tokens the server did not tell.
    estimated_calls    bigint NOT NULL,
    prompt_tokens      bigint NOT NULL,
    completion_tokens  bigint NOT NULL,
    -- Millionths of the currency, by the prices at the time of the call.
    cost_micro         bigint NOT NULL,
    currency           text NOT NULL,
    PRIMARY KEY (owner, day, endpoint, model, currency)
);

CREATE TABLE llm_capabilities (
    endpoint   text NOT NULL,
    kind       text NOT NULL,
    model      text NOT NULL,
    rung       text NOT NULL,
    probed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (endpoint, kind, model)
);

-- A turn that waits for a model holds no transaction open: until this time, or its end, other turns are refused.
ALTER TABLE dialogues ADD COLUMN thinking_until timestamptz;
