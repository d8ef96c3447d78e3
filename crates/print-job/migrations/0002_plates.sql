-- A part whose pieces do not fit one plate is printed from several slices: which of how many this one is. Older slices hold
-- the whole part.
ALTER TABLE slices
    ADD COLUMN plate        integer NOT NULL DEFAULT 1,
    ADD COLUMN plate_count  integer NOT NULL DEFAULT 1,
    ADD CHECK (plate BETWEEN 1 AND plate_count);
