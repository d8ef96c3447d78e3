-- Edits that remove a model's findings, looked for when somebody asks: the job that does, and the report with them.
ALTER TABLE models
    ADD COLUMN suggest_job  uuid,
    ADD COLUMN mended       jsonb;
