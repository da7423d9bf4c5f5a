-- Records that a CPTS took a way out, which also ends its territory, members, clocks and filings;
-- its referrals go on without it, before the way out in the log.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stage (text)      $9 date entered (date) $10 successor (uuid or NULL)
-- $11 stages from which the step is legal (text[])
-- $12 document ids (uuid[]) $13 kinds of documents required (text[]) $14 basis (text)
-- $15 ids, $16 kinds, $17 missions, $18 due dates of the clocks that start (arrays)
-- $19 kinds of the clocks that stop (text[])
-- Gives one row: outcome, cpts_id, version, log_position, detail, what was open and is closed
-- (text[], as cpts.stage_follow()).
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(), stage = $8::text, stage_on = $9::date
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage = ANY ($11::text[]) AND stage_on < $9::date
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
     AND ($14::text = 'HISTORY' AND $12::uuid[] = '{}' OR cpts.evidence_refusal(cpts_id, $14::text,
            $8::text, $9::date, $12::uuid[], $13::text[]) IS NULL)
  RETURNING version, epoch, lead_region
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from, basis, document_ids, evidence)
    SELECT $4::uuid, changed.version, $8::text, $10::uuid, changed.lead_region, $9::date,
           cpts.log_now(), $14::text, e.document_ids, e.kinds
      FROM changed
      CROSS JOIN LATERAL cpts.stage_evidence($4::uuid, $14::text, $8::text, $12::uuid[]) e
), superseded AS (
  UPDATE cpts.cpts_territory t
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity' AND t.valid_to > $9::date
  RETURNING t.unit_code, t.share, t.valid_from
), ended AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.unit_code, s.share, changed.lead_region, s.valid_from,
           $9::date, cpts.log_now()
      FROM changed, superseded s
     WHERE s.valid_from < $9::date
), superseded_population AS (
  UPDATE cpts.cpts_population p
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE p.cpts_id = $4::uuid AND p.recorded_to = 'infinity' AND p.valid_to > $9::date
  RETURNING p.department, p.region, p.population_count, p.valid_from
), ended_population AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.department, s.region, s.population_count,
           changed.lead_region, s.valid_from, $9::date, cpts.log_now()
      FROM changed, superseded_population s
     WHERE s.valid_from < $9::date
), followed AS MATERIALIZED (
  SELECT cpts.stage_follow($4::uuid, changed.version, changed.lead_region, $9::date, $8::text,
           $14::text, $15::uuid[], $16::text[], $17::text[], $18::date[], $19::text[])
           || cpts.referrals_follow($4::uuid, $10::uuid, $1::text, $2::uuid, $3::bytea) AS closed,
         cpts.members_follow($4::uuid, changed.version, changed.lead_region, $9::date, NULL, NULL,
           NULL) AS members_moved
    FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_STAGE_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed, followed
   WHERE followed.closed IS NOT NULL
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail,
       followed.closed
  FROM logged, followed
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage <> ALL ($11::text[]) THEN 'ILLEGAL_STAGE_STEP'
                                WHEN r.stage_on >= $9::date THEN 'STAGE_DATE_BEFORE_CURRENT'
                                ELSE split_part(e.refusal, ' ', 1) END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN r.stage = ANY ($11::text[]) AND r.stage_on < $9::date
                               THEN substr(e.refusal, strpos(e.refusal, ' ') + 1)
                               ELSE concat_ws(' ', r.stage, r.stage_on) END),
       NULL
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  CROSS JOIN LATERAL cpts.evidence_refusal($4::uuid, $14::text, $8::text, $9::date, $12::uuid[],
    $13::text[]) AS e (refusal)
 WHERE NOT EXISTS (SELECT FROM logged)
