-- Records figures of weeks of a CPTS: all of them or none.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 Mondays (date[])  $9 kinds (text[])  $10 areas (text[], '' = none)  $11 counts (int[])
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH asked AS MATERIALIZED (
  SELECT a.valid_from, a.kind, a.area, a.counted
    FROM unnest($8::date[], $9::text[], $10::text[], $11::int[])
           AS a (valid_from, kind, area, counted)
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_capacity f
     SET recorded_to = cpts.log_now()
    FROM changed, asked a
   WHERE f.cpts_id = $4::uuid AND f.valid_from = a.valid_from AND f.kind = a.kind
     AND f.area = a.area AND f.recorded_to = 'infinity'
), added AS (
  INSERT INTO cpts.cpts_capacity (cpts_id, version, valid_from, valid_to, kind, area, counted,
      lead_region, recorded_from)
    SELECT $4::uuid, changed.version, a.valid_from, a.valid_from + 7, a.kind, a.area, a.counted,
           changed.lead_region, cpts.log_now()
      FROM changed, asked a
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_CAPACITY_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT r.outcome, $4::uuid, r.version, r.log_position, r.detail
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
