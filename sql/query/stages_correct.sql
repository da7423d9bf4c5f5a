-- Replaces what is believed of a CPTS's stages, the whole history at once; what was believed
-- before stays readable, as known before.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stages (text[])   $9 their dates (date[]) $10 their successors (text[], '' = none)
-- $11 date of the way out among them (date), else infinity
-- $12 reason (text)    $13 evidence (text)
-- $14 kinds of clocks that any stage starts (text[]), and those that the last one does:
-- $15 ids (uuid[])     $16 kinds (text[])    $17 missions (text[])  $18 due dates (date[])
-- The history itself was checked as a whole: with the version seen nothing else is needed, but
-- that shares of validated CPTS stay within 1, that no claim comes to cross a merger of its unit, and that a merge, which changed another CPTS, too,
-- is not taken back here. The territory follows:
-- what began with the first stage, or ended with the way out, still does; so do members. A stage whose date alone
-- was wrong keeps what it was decided on.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH old AS MATERIALIZED (
  SELECT f.stage, f.valid_from, coalesce(f.successor_id::text, '') AS successor, f.version,
         f.basis, f.document_ids, f.evidence
    FROM cpts.cpts_stage f
   WHERE f.cpts_id = $4::uuid AND f.recorded_to = 'infinity'
), wanted AS MATERIALIZED (
  SELECT w.stage, w.valid_from, w.successor
    FROM unnest($8::text[], $9::date[], $10::text[]) AS w (stage, valid_from, successor)
), bounds AS MATERIALIZED (
  SELECT min(valid_from) AS first_on,
         coalesce(max(valid_from) FILTER (WHERE stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS',
           'NON_RENOUVELE')), 'infinity') AS exit_on
    FROM old
), gone AS MATERIALIZED (
  SELECT o.stage, o.valid_from, o.version,
         o.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') AS is_exit
    FROM old o
   WHERE NOT EXISTS (SELECT FROM wanted w
                      WHERE w.stage = o.stage AND w.valid_from = o.valid_from
                        AND w.successor = o.successor)
), merged AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM gone o
                   JOIN cpts.changes_of($4::uuid, '-infinity', 'infinity') l
                     ON l.version = o.version AND l.kind = 'CPTS_MERGED'
                  WHERE o.stage = 'FUSIONNE') AS is_undone
), moved AS MATERIALIZED (
  SELECT t.unit_code, t.share, t.version, t.valid_from, t.valid_to,
         CASE WHEN t.valid_from = b.first_on THEN ($9::date[])[1]
              ELSE greatest(t.valid_from, ($9::date[])[1]) END AS begins_on,
         CASE WHEN t.valid_to = b.exit_on THEN $11::date ELSE least(t.valid_to, $11::date) END
           AS ends_on
    FROM cpts.cpts_territory t, bounds b
   WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity'
), moved_population AS MATERIALIZED (
  SELECT p.department, p.region, p.population_count, p.version, p.valid_from, p.valid_to,
         CASE WHEN p.valid_from = b.first_on THEN ($9::date[])[1]
              ELSE greatest(p.valid_from, ($9::date[])[1]) END AS begins_on,
         CASE WHEN p.valid_to = b.exit_on THEN $11::date ELSE least(p.valid_to, $11::date) END
           AS ends_on
    FROM cpts.cpts_population p, bounds b
   WHERE p.cpts_id = $4::uuid AND p.recorded_to = 'infinity'
), refused AS MATERIALIZED (
  SELECT min(cpts.share_excess($4::uuid, $5::text, greatest(m.begins_on, v.from_on), m.ends_on,
                               m.codes, m.shares)) AS share_excess
    FROM (SELECT min(w.valid_from) AS from_on FROM wanted w
           WHERE w.stage IN ('PROJET_VALIDE', 'ACI_SIGNE')) v
    JOIN (SELECT begins_on, ends_on, array_agg(unit_code) AS codes, array_agg(share) AS shares
            FROM moved WHERE begins_on < ends_on GROUP BY begins_on, ends_on) m
      ON m.ends_on > v.from_on
), crossed AS MATERIALIZED (
  SELECT min(cpts.units_merged_within(ARRAY[m.unit_code], m.begins_on, m.ends_on)) AS merged_within
    FROM moved m
   WHERE (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(),
         published = CASE WHEN publication_set THEN published
                          ELSE $8::text[] && '{LETTRE_INTENTION,PROJET_VALIDE,ACI_SIGNE}' END,
         stage = ($8::text[])[cardinality($8::text[])],
         stage_on = ($9::date[])[cardinality($9::date[])]
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
     AND NOT (SELECT is_undone FROM merged)
     AND (SELECT share_excess IS NULL FROM refused)
     AND (SELECT merged_within IS NULL FROM crossed)
     AND (EXISTS (SELECT FROM gone)
          OR EXISTS (SELECT stage, valid_from, successor FROM wanted
                     EXCEPT SELECT stage, valid_from, successor FROM old))
  RETURNING version, epoch, lead_region
), reason_row AS (
  INSERT INTO cpts.cpts_correction (cpts_id, version, reason, evidence, lead_region, recorded_at)
    SELECT $4::uuid, changed.version, $12::text, $13::text, changed.lead_region, cpts.log_now()
      FROM changed
), disbelieved AS (
  UPDATE cpts.cpts_stage f
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE f.cpts_id = $4::uuid AND f.recorded_to = 'infinity'
     AND (f.stage, f.valid_from, f.version) IN (SELECT g.stage, g.valid_from, g.version FROM gone g)
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from, basis, document_ids, evidence)
    SELECT $4::uuid, changed.version, w.stage, nullif(w.successor, '')::uuid, changed.lead_region,
           w.valid_from, cpts.log_now(), coalesce(k.basis, 'HISTORY'), coalesce(k.document_ids, '{}'),
           coalesce(k.evidence, '{}')
      FROM changed
     CROSS JOIN wanted w
      LEFT JOIN old k ON k.stage = w.stage
     WHERE NOT EXISTS (SELECT FROM old o
                        WHERE o.stage = w.stage AND o.valid_from = w.valid_from
                          AND o.successor = w.successor)
), superseded AS (
  UPDATE cpts.cpts_territory t
     SET recorded_to = cpts.log_now()
    FROM changed, moved m
   WHERE t.cpts_id = $4::uuid AND t.version = m.version AND t.unit_code = m.unit_code
     AND t.valid_from = m.valid_from
     AND (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
  RETURNING t.unit_code, t.share, m.begins_on, m.ends_on
), territory_row AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.unit_code, s.share, changed.lead_region, s.begins_on,
           s.ends_on, cpts.log_now()
      FROM changed, superseded s
     WHERE s.begins_on < s.ends_on
), superseded_population AS (
  UPDATE cpts.cpts_population p
     SET recorded_to = cpts.log_now()
    FROM changed, moved_population m
   WHERE p.cpts_id = $4::uuid AND p.version = m.version AND p.department = m.department
     AND p.valid_from = m.valid_from
     AND (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
  RETURNING p.department, p.region, p.population_count, m.begins_on, m.ends_on
), population_row AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.department, s.region, s.population_count,
           changed.lead_region, s.begins_on, s.ends_on, cpts.log_now()
      FROM changed, superseded_population s
     WHERE s.begins_on < s.ends_on
), overlap_row AS (
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT DISTINCT o.unit_code
      FROM (SELECT s.begins_on, s.ends_on, array_agg(s.unit_code) AS codes
              FROM superseded s WHERE s.begins_on < s.ends_on GROUP BY s.begins_on, s.ends_on) s
     CROSS JOIN cpts.claim_overlaps($4::uuid, s.begins_on, s.ends_on, s.codes) o
  ON CONFLICT (unit_code) DO NOTHING
), followed AS MATERIALIZED (
  SELECT cpts.stages_follow($4::uuid, changed.version, changed.lead_region,
           (SELECT max(g.version) FROM gone g WHERE g.is_exit),
           ARRAY(SELECT g.valid_from FROM gone g WHERE NOT g.is_exit), $14::text[],
           CASE WHEN NOT EXISTS (SELECT FROM old o WHERE o.stage = last.stage
                                   AND o.valid_from = last.valid_from
                                   AND o.successor = last.successor) THEN last.stage END,
           last.valid_from, $15::uuid[], $16::text[], $17::text[], $18::date[]),
         CASE WHEN EXISTS (SELECT FROM gone g WHERE g.is_exit)
                OR (SELECT exit_on FROM bounds) <> $11::date
              THEN cpts.members_restore($4::uuid, changed.version, changed.lead_region,
                     (SELECT max(g.version) FROM gone g WHERE g.is_exit), $11::date) END
    FROM changed
   CROSS JOIN (SELECT w.stage, w.valid_from, w.successor FROM wanted w
                ORDER BY w.valid_from DESC LIMIT 1) last
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_STAGES_CORRECTED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged, followed
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN m.is_undone THEN 'MERGE_NOT_CORRECTABLE'
                                WHEN x.merged_within IS NOT NULL THEN 'UNIT_MERGED_IN_PERIOD'
                                WHEN f.share_excess IS NOT NULL THEN 'TERRITORY_SHARE_EXCEEDED'
                                ELSE 'NOTHING_TO_CORRECT' END),
       $4::uuid, r.version, r.log_position, coalesce(r.detail, x.merged_within, f.share_excess)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 CROSS JOIN merged m
 CROSS JOIN refused f
 CROSS JOIN crossed x
 WHERE NOT EXISTS (SELECT FROM logged)
