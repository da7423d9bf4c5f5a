-- Records a document of a CPTS: what it is, its hash, where it is kept.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 document id (uuid) $9 kind (text)       $10 title (text)
-- $11 SHA-256 (bytea)   $12 reference (text) $13 dated on (date)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), added AS (
  INSERT INTO cpts.cpts_document (cpts_id, version, document_id, kind, title, sha256, reference,
      lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::uuid, $9::text, $10::text, $11::bytea, $12::text,
           changed.lead_region, $13::date, cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_DOCUMENT_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT r.outcome, $4::uuid, r.version, r.log_position, r.detail
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
