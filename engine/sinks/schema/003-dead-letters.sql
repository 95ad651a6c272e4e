-- A record that was held, released and then found to be beyond mending is a dead letter like any other:
-- only those that were released and taken leave the list.

CREATE OR REPLACE VIEW dead_letters_current AS
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
HAVING countIf(d.kind = 'released') = 0 OR countIf(d.kind = 'dead') > 0;
