-- Which model followed which. A lineage is named by its first model.
CREATE TABLE model_versions (
    owner       text NOT NULL,
    lineage     uuid NOT NULL,
    version     int NOT NULL,
    model       uuid NOT NULL REFERENCES models (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (lineage, version)
);

CREATE INDEX model_versions_by_model ON model_versions (model, created_at DESC);

-- Bodies that people brought. The result is empty until the job that reads the file is done.
CREATE TABLE imports (
    id          uuid PRIMARY KEY,
    owner       text NOT NULL,
    hash        text NOT NULL,
    filename    text NOT NULL,
    size_bytes  bigint NOT NULL,
    job         uuid NOT NULL,
    result      jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, hash)
);

CREATE INDEX imports_by_owner ON imports (owner, id DESC) WHERE result IS NOT NULL;

-- Intermediate results of evaluations, by the key that the geometry crate gives them. A cache: any row may go.
CREATE TABLE kept (
    key         bytea PRIMARY KEY,
    hash        text NOT NULL,
    size_bytes  bigint NOT NULL,
    used_at     timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX kept_by_use ON kept (used_at);
