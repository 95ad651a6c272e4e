-- Each change of a card says which verdict it replaces: the versions that gave it and its due instant.

ALTER TABLE card_changes
    ADD COLUMN IF NOT EXISTS previous_pack_version Int64,
    ADD COLUMN IF NOT EXISTS previous_calendar_version Int64,
    ADD COLUMN IF NOT EXISTS previous_due Nullable(DateTime64(3, 'UTC'));

ALTER TABLE cards
    ADD COLUMN IF NOT EXISTS previous_pack_version Int64,
    ADD COLUMN IF NOT EXISTS previous_calendar_version Int64,
    ADD COLUMN IF NOT EXISTS previous_due Nullable(DateTime64(3, 'UTC'));

-- A view keeps the columns its tables had when it was made.
DROP VIEW IF EXISTS cards_feed;

CREATE MATERIALIZED VIEW IF NOT EXISTS cards_feed TO cards AS SELECT * FROM card_changes;

CREATE OR REPLACE VIEW cards_current AS
SELECT * FROM cards FINAL;

CREATE OR REPLACE VIEW card_changes_once AS
SELECT * FROM card_changes FINAL;
