-- Replaces the medical zoning of a region from a date on.
-- $1 principal (text)  $2 command_id (uuid)    $3 content hash (bytea)
-- $4 id of the region's zoning (uuid)          $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int, 0 = none is recorded)
-- $8 region (text)     $9 valid from (date)    $10 source (text)
-- $11 unit codes (text[])  $12 their zones (text[])  $13 version of the reference (int)
-- What was believed to hold on or after $9 stops being believed; what held
-- before $9 is recorded again with its end.
-- Zonings are the national node's, as all reference data; the ARS of the region sets them there.
-- Gives one row: outcome, zoning id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT coalesce(max(z.version), 0) AS version FROM cpts.unit_zoning z WHERE z.region = $8::text
), owner AS MATERIALIZED (
  SELECT 'national' AS node, 1 AS epoch
), reference AS MATERIALIZED (
  SELECT max(v.version) AS version FROM cpts.reference_version v
), allowed AS MATERIALIZED (
  SELECT current.version + 1 AS version, owner.epoch
    FROM current, owner, reference
   WHERE current.version = $7::int AND owner.node = $5::text
     AND reference.version = $13::int
     AND cpts.may_write($8::text, $4::uuid) AND NOT EXISTS (SELECT FROM seen)
), superseded AS (
  UPDATE cpts.unit_zoning z
     SET recorded_to = cpts.log_now()
    FROM allowed
   WHERE z.region = $8::text AND z.recorded_to = 'infinity' AND z.valid_to > $9::date
  RETURNING z.unit_code, z.zone, z.source, z.valid_from
), ended AS (
  INSERT INTO cpts.unit_zoning (region, version, unit_code, zone, source, valid_from, valid_to,
      recorded_from)
    SELECT $8::text, allowed.version, s.unit_code, s.zone, s.source, s.valid_from, $9::date,
           cpts.log_now()
      FROM allowed, superseded s
     WHERE s.valid_from < $9::date
), added AS (
  INSERT INTO cpts.unit_zoning (region, version, unit_code, zone, source, valid_from,
      recorded_from)
    SELECT $8::text, allowed.version, u.code, u.zone, $10::text, $9::date, cpts.log_now()
      FROM allowed, unnest($11::text[], $12::text[]) AS u (code, zone)
), logged AS MATERIALIZED (
  SELECT allowed.version,
         cpts.log_append('ZONING', $4::uuid, allowed.version, allowed.epoch, 'ZONING_SET',
           $8::text, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM allowed
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN NOT cpts.may_write($8::text, $4::uuid) THEN 'OUT_OF_SCOPE'
            WHEN owner.node <> $5::text THEN 'NOT_OWNER'
            WHEN current.version <> $7::int THEN 'STALE_VERSION'
            ELSE 'REFERENCE_CHANGED' END AS outcome,
       $4::uuid AS zoning_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN owner.node <> $5::text THEN cpts.node_and_address(owner.node)
            ELSE current.version::text END AS detail
  FROM current
 CROSS JOIN owner
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
