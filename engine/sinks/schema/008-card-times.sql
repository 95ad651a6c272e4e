-- Deadlines of a card itself: when an answer is due, when the supervisors' own step is due, when a
-- provisional card is issued; and the card that a card is about. The feed and the views name their
-- columns when they are made, so they are made again.

ALTER TABLE card_changes ADD COLUMN IF NOT EXISTS reply_due Nullable(DateTime64(3, 'UTC'));
ALTER TABLE card_changes ADD COLUMN IF NOT EXISTS supervise_due Nullable(DateTime64(3, 'UTC'));
ALTER TABLE card_changes ADD COLUMN IF NOT EXISTS issue_at Nullable(DateTime64(3, 'UTC'));
ALTER TABLE card_changes ADD COLUMN IF NOT EXISTS parent String;

ALTER TABLE cards ADD COLUMN IF NOT EXISTS reply_due Nullable(DateTime64(3, 'UTC'));
ALTER TABLE cards ADD COLUMN IF NOT EXISTS supervise_due Nullable(DateTime64(3, 'UTC'));
ALTER TABLE cards ADD COLUMN IF NOT EXISTS issue_at Nullable(DateTime64(3, 'UTC'));
ALTER TABLE cards ADD COLUMN IF NOT EXISTS parent String;

DROP VIEW IF EXISTS cards_feed;
CREATE MATERIALIZED VIEW cards_feed TO cards AS SELECT * FROM card_changes;

CREATE OR REPLACE VIEW cards_current AS
SELECT * FROM cards FINAL;

CREATE OR REPLACE VIEW card_changes_once AS
SELECT * FROM card_changes FINAL;
