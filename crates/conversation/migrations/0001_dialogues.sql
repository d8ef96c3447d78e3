-- Dialogues and their turns. The state column is the engine's memory; the part's history is inside it.
CREATE TABLE dialogues (
    id          uuid PRIMARY KEY,
    owner       text NOT NULL,
    title       text NOT NULL,
    language    text NOT NULL,
    state       jsonb NOT NULL,
    turn_count  integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX dialogues_by_owner ON dialogues (owner, id DESC);

CREATE TABLE turns (
    dialogue            uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
    number              integer NOT NULL,
    body                jsonb NOT NULL,
    hash                text NOT NULL,
    specification_hash  text NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dialogue, number)
);
