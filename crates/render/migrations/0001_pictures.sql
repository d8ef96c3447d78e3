-- Finished pictures; the work on them is in the jobs table.
CREATE TABLE pictures (
    id          uuid PRIMARY KEY,
    owner       text NOT NULL,
    mesh_hash   text NOT NULL,
    preset      text NOT NULL,
    width       integer NOT NULL,
    height      integer NOT NULL,
    hash        text NOT NULL,
    media_type  text NOT NULL,
    size_bytes  bigint NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX pictures_by_owner ON pictures (owner, id DESC);
