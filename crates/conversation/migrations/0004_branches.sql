-- Branches: a turn continues any earlier one, and the dialogue can go on from the state after each.
ALTER TABLE turns
    -- The turn that this one continues; -1 for the beginning. Null is the turn before it, as in every row from before
    -- there were branches.
    ADD COLUMN continued integer CHECK (continued >= -1 AND continued < number),
    -- The engine's state after the turn, its history as what differs from that of the continued turn. Null in rows from
    -- before there were branches, which only the dialogue's head can be continued from.
    ADD COLUMN snapshot  jsonb;
