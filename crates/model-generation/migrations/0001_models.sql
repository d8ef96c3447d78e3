-- One model per owner and specification: the model is a function of the specification. The result is empty until the
-- job that builds it is done.
CREATE TABLE models (
    id                  uuid PRIMARY KEY,
    owner               text NOT NULL,
    specification_hash  text NOT NULL,
    part                jsonb NOT NULL,
    job                 uuid NOT NULL,
    result              jsonb,
    created_at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, specification_hash)
);

CREATE INDEX models_by_owner ON models (owner, id DESC) WHERE result IS NOT NULL;
