-- Changes fields of a CPTS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 name, $9 finess, $10 website (text, NULL = unchanged)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH former AS MATERIALIZED (
  SELECT c.name, c.finess, c.website,
         coalesce((SELECT max(f.recorded_to) FROM cpts.cpts_former f WHERE f.cpts_id = c.cpts_id),
           c.created_at) AS recorded_from
    FROM cpts.cpts c WHERE c.cpts_id = $4::uuid
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(),
         name = coalesce($8::text, name), finess = coalesce($9::text, finess),
         website = coalesce($10::text, website)
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), former_row AS (
  INSERT INTO cpts.cpts_former (cpts_id, version, name, finess, website, lead_region,
      recorded_from, recorded_to)
    SELECT $4::uuid, changed.version, former.name, former.finess, former.website,
           changed.lead_region, former.recorded_from, cpts.log_now()
      FROM changed, former
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_UPDATED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT r.outcome, $4::uuid, r.version, r.log_position, r.detail
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
