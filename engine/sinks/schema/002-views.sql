-- The only way to read. Each view answers the same however often a batch was written.

CREATE VIEW IF NOT EXISTS events_once AS
SELECT * FROM events FINAL;

-- A card as it stands: its newest version.
CREATE VIEW IF NOT EXISTS cards_current AS
SELECT * FROM cards FINAL;

CREATE VIEW IF NOT EXISTS card_changes_once AS
SELECT * FROM card_changes FINAL;

-- Each card when it was first raised (发牌).
CREATE VIEW IF NOT EXISTS card_raises AS
SELECT
    card_id, case_key, rule_id, level, level_rank, category, organ, territory, due, at AS raised_at
FROM card_changes FINAL
WHERE op = 'raised' AND version = 1;

-- What a card's newest version does not say: when it was first raised, and the last answer given.
-- Grouped by card alone, so that a condition on card_id reaches the primary key.
CREATE VIEW IF NOT EXISTS card_origins AS
SELECT
    c.card_id AS card_id,
    argMin(c.at, c.version) AS raised_at,
    argMaxIf(c.detail, c.version, c.op = 'answered') AS answer
FROM card_changes AS c
GROUP BY c.card_id;

-- Dead letters and records still held; a released one is no longer listed.
CREATE VIEW IF NOT EXISTS dead_letters_current AS
SELECT
    d.partition AS partition,
    d.position AS position,
    argMaxIf(d.kind, d.stamp, d.kind != 'released') AS kind,
    argMaxIf(d.stamp, d.stamp, d.kind != 'released') AS stamp,
    argMaxIf(d.code, d.stamp, d.kind != 'released') AS code,
    argMaxIf(d.source, d.stamp, d.kind != 'released') AS source,
    argMaxIf(d.raw_base64, d.stamp, d.kind != 'released') AS raw_base64
FROM dead_letters AS d
GROUP BY d.partition, d.position
HAVING countIf(d.kind = 'released') = 0;

CREATE VIEW IF NOT EXISTS sink_positions_current AS
SELECT p.partition AS partition, max(p.position) AS position
FROM sink_positions AS p
GROUP BY p.partition;
