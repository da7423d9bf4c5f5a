-- Says whether the public may see a CPTS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 published (bool, NULL = as its stages say: from LETTRE_INTENTION on)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(), publication_set = $8::bool IS NOT NULL,
         published = coalesce($8::bool, EXISTS (
           SELECT FROM cpts.cpts_stage s
            WHERE s.cpts_id = $4::uuid AND s.recorded_to = 'infinity'
              AND s.stage IN ('LETTRE_INTENTION', 'PROJET_VALIDE', 'ACI_SIGNE')))
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_PUBLICATION_SET',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, 'OUT_OF_SCOPE'), $4::uuid, r.version, r.log_position, r.detail
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
