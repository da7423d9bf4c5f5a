-- Says what became of a parked act. It changes nothing that is shared: no entry of the log.
-- $1 principal (text)  $2 command_id (uuid)  $3 parked act (uuid)
-- $4 DISCARDED or REDONE (text)  $5 RPPS  $6 profession  $7 function  $8 purpose (text)
-- Who resolves it for whom stands in the audit trail.
-- Gives one row: outcome, parked id.
WITH found AS MATERIALIZED (
  SELECT p.resolution, p.resolve_command_id, p.resolved_by
    FROM cpts.parked_act p
   WHERE p.parked_id = $3::uuid
), resolved AS (
  UPDATE cpts.parked_act p
     SET resolution = $4::text, resolve_command_id = $2::uuid, resolved_by = $1::text,
         resolved_at = cpts.log_now()
   WHERE p.parked_id = $3::uuid AND p.resolution = ''
  RETURNING p.parked_id, p.referral_id
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $5::text, $6::text, $7::text, $8::text, 'ResolveParkedAct/' || $4::text,
           r.referral_id, '', 1
      FROM resolved r
)
SELECT CASE WHEN EXISTS (SELECT FROM resolved) THEN 'OK'
            WHEN f.resolution IS NULL THEN 'PARKED_ACT_NOT_FOUND'
            WHEN f.resolve_command_id = $2::uuid AND f.resolved_by = $1::text
                 AND f.resolution = $4::text THEN 'REPLAYED'
            ELSE 'PARKED_ACT_RESOLVED' END AS outcome, $3::uuid AS parked_id
  FROM (VALUES (1)) one
  LEFT JOIN found f ON true
