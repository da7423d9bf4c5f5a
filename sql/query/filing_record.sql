-- Takes a filing to its next state, or begins it.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 filing id (uuid)  $9 stage asked for (text)  $10 state (text)  $11 on (date)
-- $12 document ids, all of them (uuid[]; NULL = as before)
-- $13 states from which the step is legal (text[]; '' = it is new)
-- $14 kinds of documents required (text[])  $15 stage the CPTS must be at ('' = any)
-- $16 decision (text)
-- $17 ids, $18 kinds, $19 missions, $20 due dates of the clocks that start (arrays)
-- $21 kinds of the clocks that stop (text[])
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH found AS MATERIALIZED (
  SELECT coalesce(f.state, '') AS state, f.target, f.valid_from,
         coalesce($12::uuid[], f.document_ids, '{}') AS document_ids
    FROM (VALUES (1)) one
    LEFT JOIN (SELECT e.state, e.target, e.valid_from, e.document_ids
                 FROM cpts.cpts_filing e
                WHERE e.cpts_id = $4::uuid AND e.filing_id = $8::uuid
                  AND e.recorded_to = 'infinity'
                ORDER BY e.valid_from DESC, e.version DESC LIMIT 1) f ON true
), judged AS MATERIALIZED (
  SELECT found.document_ids,
         CASE WHEN found.state = '' AND NOT '' = ANY ($13::text[]) THEN 'FILING_NOT_FOUND '
              WHEN found.target <> $9::text THEN 'FILING_NOT_FOUND ' || found.target
              WHEN found.state <> ALL ($13::text[]) THEN 'ILLEGAL_FILING_STEP ' || found.state
              WHEN $15::text <> '' AND c.stage <> $15::text
                THEN 'FILING_NOT_AT_STAGE ' || c.stage
              WHEN found.state = '' AND o.filing_id IS NOT NULL
                THEN 'FILING_ALREADY_OPEN ' || o.filing_id
              WHEN found.valid_from > $11::date
                THEN 'FILING_DATE_BEFORE_CURRENT ' || found.valid_from
              WHEN cpts.documents_unknown($4::uuid, found.document_ids) IS NOT NULL
                THEN 'DOCUMENT_NOT_FOUND ' || cpts.documents_unknown($4::uuid, found.document_ids)
              ELSE 'EVIDENCE_MISSING ' || cpts.kinds_missing($14::text[],
                     cpts.document_kinds($4::uuid, found.document_ids)) END AS refusal
    FROM found
    JOIN cpts.cpts c ON c.cpts_id = $4::uuid
    CROSS JOIN LATERAL cpts.filing_of($4::uuid, $9::text) o
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND (SELECT j.refusal IS NULL FROM judged j)
     AND cpts.may_decide(lead_region, cpts_id, $10::text IN ('DRAFT', 'FILED', 'WITHDRAWN'))
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), added AS (
  INSERT INTO cpts.cpts_filing (cpts_id, version, filing_id, target, state, decision, document_ids,
      lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::uuid, $9::text, $10::text, $16::text, j.document_ids,
           changed.lead_region, $11::date, cpts.log_now()
      FROM changed, judged j
), stopped AS MATERIALIZED (
  SELECT cpts.clock_stop($4::uuid, changed.version, changed.lead_region, $11::date, $21::text[],
           NULL) AS clocks
    FROM changed
   WHERE cardinality($21::text[]) > 0
), started AS MATERIALIZED (
  SELECT cpts.clock_start($4::uuid, changed.version, changed.lead_region, $11::date, $17::uuid[],
           $18::text[], $19::text[], $20::date[])
    FROM changed
   WHERE cardinality($17::uuid[]) > 0
), logged AS MATERIALIZED (
  SELECT changed.version, stopped.clocks,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_FILING_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
    LEFT JOIN stopped ON true
    LEFT JOIN started ON true
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail,
       logged.clocks
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, split_part(j.refusal, ' ', 1), 'OUT_OF_SCOPE'), $4::uuid, r.version,
       r.log_position, coalesce(r.detail, substr(j.refusal, strpos(j.refusal, ' ') + 1)), NULL
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  LEFT JOIN judged j ON true
 WHERE NOT EXISTS (SELECT FROM logged)
