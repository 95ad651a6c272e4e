-- When the engine decided each change (认知时点): with late evidence that is after it took effect. Rows
-- written before this column say nothing else, so they count as known when they took effect.

ALTER TABLE card_changes ADD COLUMN IF NOT EXISTS known_at DateTime64(3, 'UTC') DEFAULT at;
ALTER TABLE cards ADD COLUMN IF NOT EXISTS known_at DateTime64(3, 'UTC') DEFAULT at;

-- A view keeps the columns its tables had when it was made.
DROP VIEW IF EXISTS cards_feed;
CREATE MATERIALIZED VIEW IF NOT EXISTS cards_feed TO cards AS SELECT * FROM card_changes;

CREATE OR REPLACE VIEW cards_current AS
SELECT * FROM cards FINAL;

CREATE OR REPLACE VIEW card_changes_once AS
SELECT * FROM card_changes FINAL;

-- Where the records of a case lie in the log. Without FINAL, which would read every event there is; a
-- row that stands here twice says the same twice.
CREATE VIEW IF NOT EXISTS case_records AS
SELECT
    e.case_key AS case_key,
    e.partition AS partition,
    e.position AS position,
    any(e.stamp) AS stamp,
    any(e.outcome) AS outcome
FROM events AS e
GROUP BY e.case_key, e.partition, e.position;
