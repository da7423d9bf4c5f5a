-- Changes the administrative identity of a CPTS from a date on.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 effective on (date)
-- $9 legal form, $10 date of the statuts, $11 RNA, $12 SIRET, $13 nature, $14 origin,
-- $15 ambition (text, NULL = as before, '' = none)
-- What held before $8 is recorded again with its end.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH current AS MATERIALIZED (
  SELECT i.version, i.legal_form, i.statuts_on, i.rna, i.siret, i.nature, i.origin, i.ambition,
         i.valid_from
    FROM cpts.cpts_identity i
   WHERE i.cpts_id = $4::uuid AND i.recorded_to = 'infinity' AND i.valid_to = 'infinity'
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND NOT EXISTS (SELECT FROM current WHERE valid_from > $8::date)
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_identity i
     SET recorded_to = cpts.log_now()
    FROM changed, current
   WHERE i.cpts_id = $4::uuid AND i.version = current.version
     AND i.valid_from = current.valid_from AND i.recorded_to = 'infinity'
), ended AS (
  INSERT INTO cpts.cpts_identity (cpts_id, version, legal_form, statuts_on, rna, siret, nature,
      origin, ambition, lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, c.legal_form, c.statuts_on, c.rna, c.siret, c.nature,
           c.origin, c.ambition, changed.lead_region, c.valid_from, $8::date, cpts.log_now()
      FROM changed, current c
     WHERE c.valid_from < $8::date
), added AS (
  INSERT INTO cpts.cpts_identity (cpts_id, version, legal_form, statuts_on, rna, siret, nature,
      origin, ambition, lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, coalesce($9::text, c.legal_form, ''),
           CASE WHEN $10::text IS NULL THEN c.statuts_on ELSE nullif($10::text, '')::date END,
           coalesce($11::text, c.rna, ''), coalesce($12::text, c.siret, ''),
           coalesce($13::text, c.nature, ''), coalesce($14::text, c.origin, ''),
           coalesce($15::text, c.ambition, ''), changed.lead_region, $8::date, cpts.log_now()
      FROM changed
      LEFT JOIN current c ON true
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_IDENTITY_UPDATED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, 'IDENTITY_DATE_BEFORE_CURRENT'), $4::uuid, r.version, r.log_position,
       coalesce(r.detail, (SELECT c.valid_from::text FROM current c))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
