-- Tables written by the sink. Nothing but the views of 002-views.sql reads them: rows may stand here
-- twice (a repeated batch) until a merge collapses them.
--
-- fsync_after_insert and fsync_part_directory make an answered insert survive a power loss; without
-- them ClickHouse answers before the bytes are on disk.
-- Small parts stay in one file each (min_bytes_for_wide_part): fewer files to sync an insert.

-- Every event record as it was accepted, once a log position.
CREATE TABLE IF NOT EXISTS events
(
    partition UInt16,
    position UInt64 CODEC(Delta, ZSTD(1)),
    stamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    case_key String,
    type LowCardinality(String),
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    recorded_at Nullable(DateTime64(3, 'UTC')),
    sent_at Nullable(DateTime64(3, 'UTC')),
    item_code LowCardinality(String),
    organ LowCardinality(String),
    territory LowCardinality(String),
    source LowCardinality(String),
    seq Nullable(Int64),
    rev Int32,
    stage LowCardinality(String),
    outcome LowCardinality(String),
    raw String CODEC(ZSTD(1)),
    INDEX case_key_bloom case_key TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (partition, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 104857600;

-- Every change of every card (牌), once a version.
CREATE TABLE IF NOT EXISTS card_changes
(
    card_id String,
    version UInt32,
    op LowCardinality(String),
    state LowCardinality(String),
    case_key String,
    rule_id LowCardinality(String),
    rule_kind LowCardinality(String),
    level LowCardinality(String),
    level_rank UInt8,
    category LowCardinality(String),
    occurrence Int64,
    stage LowCardinality(String),
    item_code LowCardinality(String),
    organ LowCardinality(String),
    territory LowCardinality(String),
    due DateTime64(3, 'UTC'),
    at DateTime64(3, 'UTC'),
    provisional Bool,
    pack_version Int64,
    calendar_version Int64,
    partition UInt16,
    position UInt64,
    actor String,
    detail String,
    INDEX case_key_bloom case_key TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (card_id, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 104857600;

-- The newest version of every card, kept by the feed below: reading it costs a tenth of grouping the
-- changes. A batch that failed between the two tables is written again, and collapses in both.
CREATE TABLE IF NOT EXISTS cards AS card_changes
ENGINE = ReplacingMergeTree(version)
ORDER BY card_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 104857600;

CREATE MATERIALIZED VIEW IF NOT EXISTS cards_feed TO cards AS SELECT * FROM card_changes;

-- Records that could not be applied (死信) or wait (挂起), and when a waiting one was released.
CREATE TABLE IF NOT EXISTS dead_letters
(
    partition UInt16,
    position UInt64,
    kind LowCardinality(String),
    stamp DateTime64(3, 'UTC'),
    code LowCardinality(String),
    source LowCardinality(String),
    raw_base64 String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (partition, position, kind)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- How far each partition's effects are stored; written after the rows it speaks of.
CREATE TABLE IF NOT EXISTS sink_positions
(
    partition UInt16,
    position Int64
)
ENGINE = ReplacingMergeTree(position)
ORDER BY partition
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
