-- Merges a CPTS into another one: both change, or neither.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 on (date)         $9 stages from which a merge is legal (text[])
-- $10 document ids (uuid[])  $11 kinds of documents required (text[])  $12 basis (text)
-- $13 successor (uuid)  $14 its version seen (int)  $15 its change bytes (bytea)
-- $16 command_id of its change (uuid), derived from $2
-- The successor takes over the territory as it is on $8, a unit of both with the sum of its
-- shares, 1 at most; and the members and seats, but for those it has already. Clocks and open
-- filings of the CPTS end; the successor takes its place in its referrals, before the merge in the log.
-- Gives one row: outcome, cpts_id, version, log_position, detail, what was open and is closed
-- (text[]), version and log_position of the successor, units taken over.
WITH successor AS MATERIALIZED (
  SELECT c.version, c.owner_node, c.stage, c.stage_on, cpts.may_write(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c
   WHERE c.cpts_id = $13::uuid
), latest AS MATERIALIZED (
  SELECT max(t.valid_from) AS changed_on
    FROM cpts.cpts_territory t
   WHERE t.cpts_id IN ($4::uuid, $13::uuid) AND t.recorded_to = 'infinity'
), held AS MATERIALIZED (
  SELECT t.cpts_id, t.unit_code, t.share
    FROM cpts.cpts_territory t
   WHERE t.cpts_id IN ($4::uuid, $13::uuid) AND t.recorded_to = 'infinity'
     AND t.valid_from <= $8::date AND t.valid_to > $8::date
), merged AS MATERIALIZED (
  SELECT h.unit_code, least(1, sum(h.share)) AS share, bool_or(h.cpts_id = $4::uuid) AS is_taken
    FROM held h
   GROUP BY h.unit_code
), judged AS MATERIALIZED (
  SELECT CASE WHEN s.version IS NULL THEN 'SUCCESSOR_NOT_FOUND '
              WHEN NOT s.in_scope THEN 'OUT_OF_SCOPE '
              WHEN s.owner_node <> $5::text THEN 'NOT_OWNER ' || cpts.node_and_address(s.owner_node)
              WHEN s.stage <> ALL ('{EMERGENCE,LETTRE_INTENTION,PROJET_VALIDE,ACI_SIGNE}'::text[])
                THEN 'SUCCESSOR_ENDED ' || s.stage || ' ' || s.stage_on
              WHEN s.version <> $14::int THEN 'STALE_SUCCESSOR_VERSION ' || s.version
              WHEN l.changed_on > $8::date THEN 'MERGE_DATE_BEFORE_TERRITORY ' || l.changed_on
              ELSE coalesce(
                     cpts.evidence_refusal($4::uuid, $12::text, 'FUSIONNE', $8::date, $10::uuid[],
                       $11::text[]),
                     cpts.merge_refusal($4::uuid, $13::uuid, $5::text, $8::date)) END AS refusal
    FROM latest l
    LEFT JOIN successor s ON true
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(), stage = 'FUSIONNE', stage_on = $8::date
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage = ANY ($9::text[]) AND stage_on < $8::date
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND (SELECT j.refusal IS NULL FROM judged j)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), taking AS (
  UPDATE cpts.cpts c
     SET version = c.version + 1, updated_at = cpts.log_now()
    FROM changed
   WHERE c.cpts_id = $13::uuid
  RETURNING c.version, c.epoch, c.lead_region
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from, basis, document_ids, evidence)
    SELECT $4::uuid, changed.version, 'FUSIONNE', $13::uuid, changed.lead_region, $8::date,
           cpts.log_now(), $12::text, $10::uuid[], cpts.document_kinds($4::uuid, $10::uuid[])
      FROM changed
), superseded AS (
  UPDATE cpts.cpts_territory t
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE t.recorded_to = 'infinity' AND t.valid_to > $8::date
     AND (t.cpts_id = $4::uuid
          OR t.cpts_id = $13::uuid AND t.unit_code IN (SELECT m.unit_code FROM merged m WHERE m.is_taken))
  RETURNING t.cpts_id, t.unit_code, t.share, t.valid_from
), ended AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT s.cpts_id, CASE WHEN s.cpts_id = $4::uuid THEN changed.version ELSE taking.version END,
           s.unit_code, s.share,
           CASE WHEN s.cpts_id = $4::uuid THEN changed.lead_region ELSE taking.lead_region END,
           s.valid_from, $8::date, cpts.log_now()
      FROM changed, taking, superseded s
     WHERE s.valid_from < $8::date
), taken AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      recorded_from)
    SELECT $13::uuid, taking.version, m.unit_code, m.share, taking.lead_region, $8::date,
           cpts.log_now()
      FROM taking, merged m
     WHERE m.is_taken
  RETURNING unit_code
), superseded_population AS (
  UPDATE cpts.cpts_population p
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE p.cpts_id IN ($4::uuid, $13::uuid) AND p.recorded_to = 'infinity'
     AND p.valid_to > $8::date
  RETURNING p.cpts_id, p.department, p.region, p.population_count, p.valid_from
), ended_population AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT s.cpts_id, CASE WHEN s.cpts_id = $4::uuid THEN changed.version ELSE taking.version END,
           s.department, s.region, s.population_count,
           CASE WHEN s.cpts_id = $4::uuid THEN changed.lead_region ELSE taking.lead_region END,
           s.valid_from, $8::date, cpts.log_now()
      FROM changed, taking, superseded_population s
     WHERE s.valid_from < $8::date
), taken_population AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, recorded_from)
    SELECT $13::uuid, taking.version, r.department, r.region, r.population_count,
           taking.lead_region, $8::date, cpts.log_now()
      FROM taking
     CROSS JOIN (SELECT array_agg(m.unit_code) AS codes, array_agg(m.share) AS shares
                   FROM merged m) k
     CROSS JOIN cpts.territory_people(k.codes, k.shares, $8::date) r
), followed AS MATERIALIZED (
  SELECT cpts.stage_follow($4::uuid, changed.version, changed.lead_region, $8::date, 'FUSIONNE',
           $12::text, '{}', '{}', '{}', '{}', '{*}')
           || cpts.referrals_follow($4::uuid, $13::uuid, $1::text, $2::uuid, $3::bytea) AS closed,
         cpts.members_follow($4::uuid, changed.version, changed.lead_region, $8::date, $13::uuid,
           taking.version, taking.lead_region) AS members_moved
    FROM changed, taking
), logged AS MATERIALIZED (
  SELECT changed.version, followed.closed,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_MERGED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed, followed
), logged_successor AS MATERIALIZED (
  SELECT taking.version,
         cpts.log_append('CPTS', $13::uuid, taking.version, taking.epoch, 'CPTS_ABSORBED',
           taking.lead_region, $15::bytea, $1::text, $16::uuid, $3::bytea) AS log_position
    FROM logged, taking
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail,
       logged.closed, s.version, s.log_position, (SELECT count(*)::int FROM taken)
  FROM logged, logged_successor s
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage <> ALL ($9::text[]) THEN 'ILLEGAL_STAGE_STEP'
                                WHEN r.stage_on >= $8::date THEN 'STAGE_DATE_BEFORE_CURRENT'
                                ELSE coalesce(split_part(j.refusal, ' ', 1), 'OUT_OF_SCOPE') END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN r.stage = ANY ($9::text[]) AND r.stage_on < $8::date
                               THEN substr(j.refusal, strpos(j.refusal, ' ') + 1)
                               ELSE concat_ws(' ', r.stage, r.stage_on) END),
       NULL, m.version, m.log_position, NULL
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  CROSS JOIN judged j
  LEFT JOIN cpts.command m ON m.principal = $1::text AND m.command_id = $16::uuid
        AND r.outcome = 'REPLAYED'
 WHERE NOT EXISTS (SELECT FROM logged)
