-- Each change of a card says which version of its rule judged it, and which one it replaces.

ALTER TABLE card_changes
    ADD COLUMN IF NOT EXISTS rule_version Int64,
    ADD COLUMN IF NOT EXISTS previous_rule_version Int64;

ALTER TABLE cards
    ADD COLUMN IF NOT EXISTS rule_version Int64,
    ADD COLUMN IF NOT EXISTS previous_rule_version Int64;

-- A view keeps the columns its tables had when it was made.
DROP VIEW IF EXISTS cards_feed;

CREATE MATERIALIZED VIEW IF NOT EXISTS cards_feed TO cards AS SELECT * FROM card_changes;

CREATE OR REPLACE VIEW cards_current AS
SELECT * FROM cards FINAL;

CREATE OR REPLACE VIEW card_changes_once AS
SELECT * FROM card_changes FINAL;
