-- Adds documents to a stage that was recorded without all of its evidence.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stage (text)      $9 document ids (uuid[])
-- The stage is believed anew, with what it had and these; what decided it stays known.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH entered AS MATERIALIZED (
  SELECT s.version, coalesce(s.decided_version, s.version) AS decided_version, s.successor_id, s.valid_from,
         s.valid_to, s.basis, s.document_ids
    FROM cpts.cpts_stage s
   WHERE s.cpts_id = $4::uuid AND s.stage = $8::text AND s.recorded_to = 'infinity'
   ORDER BY s.valid_from DESC, s.version DESC LIMIT 1
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND EXISTS (SELECT FROM entered)
     AND cpts.documents_unknown(cpts_id, $9::uuid[]) IS NULL
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_stage s
     SET recorded_to = cpts.log_now()
    FROM changed, entered
   WHERE s.cpts_id = $4::uuid AND s.version = entered.version
     AND s.valid_from = entered.valid_from AND s.recorded_to = 'infinity' AND s.stage = $8::text
), added AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      valid_to, recorded_from, basis, document_ids, evidence, decided_version)
    SELECT $4::uuid, changed.version, $8::text, e.successor_id, changed.lead_region, e.valid_from,
           e.valid_to, cpts.log_now(), e.basis, d.ids, cpts.document_kinds($4::uuid, d.ids),
           e.decided_version
      FROM changed
      CROSS JOIN entered e
      CROSS JOIN LATERAL (SELECT array_agg(DISTINCT u.id) AS ids
                            FROM unnest(e.document_ids || $9::uuid[]) AS u (id)) d
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_EVIDENCE_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN EXISTS (SELECT FROM entered) THEN 'DOCUMENT_NOT_FOUND'
                                ELSE 'STAGE_NOT_ENTERED' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN EXISTS (SELECT FROM entered)
                               THEN cpts.documents_unknown($4::uuid, $9::uuid[])
                               ELSE concat_ws(' ', r.stage, r.stage_on) END)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
