-- Replaces what is believed of a CPTS's stages, the whole history at once; what was believed
-- before stays readable, as known before.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stages (text[])   $9 their dates (date[]) $10 their successors (text[], '' = none)
-- $11 date of the way out among them (date), else infinity
-- $12 reason (text)    $13 evidence (text)
-- Clocks that stages start: $14 stage (text[]) $15 kind of clock (text[]); and stop ('*' = all):
-- $16 stage (text[])   $17 kind of clock (text[])
-- Clocks of the last stage wanted that starts any:
-- $18 ids (uuid[])     $19 kinds (text[])    $20 missions (text[])  $21 due dates (date[])
-- The history itself was checked as a whole: with the version seen nothing else is needed, but
-- that shares of validated CPTS stay within 1, that no claim comes to cross a merger of its unit, and that a merge, which changed another CPTS, too,
-- is not taken back here. The territory follows:
-- what began with the first stage, or ended with the way out, still does, and what a way out that
-- is gone or later kept from beginning begins; so do members. A stage whose date alone was wrong
-- keeps what it was decided on, and the version that decided it: what that one did is what is undone.
-- A way out that is believed now passes on the referrals, before it in the log; one that is not believed
-- any more does not bring back those that went on.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH old AS MATERIALIZED (
  SELECT f.stage, f.valid_from, coalesce(f.successor_id::text, '') AS successor, f.version,
         coalesce(f.decided_version, f.version) AS decided_version,
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
  SELECT o.stage, o.valid_from, o.version, o.decided_version,
         o.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') AS is_exit
    FROM old o
   WHERE NOT EXISTS (SELECT FROM wanted w
                      WHERE w.stage = o.stage AND w.valid_from = o.valid_from
                        AND w.successor = o.successor)
), merged AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM gone o
                   JOIN cpts.changes_of($4::uuid, '-infinity', 'infinity') l
                     ON l.version = o.decided_version AND l.kind = 'CPTS_MERGED'
                  WHERE o.stage = 'FUSIONNE') AS is_undone
), gap AS MATERIALIZED (
  SELECT p.known_at, p.from_on, p.to_on
    FROM gone g
   CROSS JOIN cpts.way_out_gaps($4::uuid, g.decided_version, $7::int + 1) p
   WHERE g.is_exit
), piece AS MATERIALIZED (
  SELECT t.unit_code, t.share, greatest(t.valid_from, p.from_on) AS begins_on,
         least(t.valid_to, p.to_on) AS ends_on,
         t.valid_from < p.from_on AND p.from_on = b.exit_on AS is_cut
    FROM bounds b, gap p
    JOIN cpts.cpts_territory t ON t.cpts_id = $4::uuid AND t.recorded_to = p.known_at
     AND t.valid_from < p.to_on AND t.valid_to > p.from_on
), missed AS MATERIALIZED (
  SELECT r.unit_code, r.share, min(r.begins_on) AS begins_on, max(r.ends_on) AS ends_on,
         CASE WHEN bool_or(r.is_cut) THEN max(r.ends_on) ELSE min(r.begins_on) END AS changes_on
    FROM (SELECT s.unit_code, s.share, s.begins_on, s.ends_on, s.is_cut,
                 count(*) FILTER (WHERE s.is_first)
                   OVER (PARTITION BY s.unit_code, s.share ORDER BY s.begins_on) AS run
            FROM (SELECT e.unit_code, e.share, e.begins_on, e.ends_on, e.is_cut,
                         e.begins_on IS DISTINCT FROM lag(e.ends_on) OVER (
                           PARTITION BY e.unit_code, e.share ORDER BY e.begins_on) AS is_first
                    FROM piece e) s) r
   GROUP BY r.unit_code, r.share, r.run
), missed_population AS MATERIALIZED (
  SELECT t.department, t.region, t.population_count,
         greatest(t.valid_from, p.from_on) AS begins_on, least(t.valid_to, p.to_on) AS ends_on
    FROM gap p
    JOIN cpts.cpts_population t ON t.cpts_id = $4::uuid AND t.recorded_to = p.known_at
     AND t.valid_from < p.to_on AND t.valid_to > p.from_on
), resumed AS MATERIALIZED (
  SELECT coalesce(min(changes_on), 'infinity') AS missed_on FROM missed
), moved AS MATERIALIZED (
  SELECT t.unit_code, t.share, t.version, t.valid_from, t.valid_to,
         CASE WHEN t.valid_from = b.first_on THEN ($9::date[])[1]
              ELSE greatest(t.valid_from, ($9::date[])[1]) END AS begins_on,
         CASE WHEN t.valid_to = b.exit_on
              THEN least($11::date, coalesce((
                SELECT m.ends_on FROM missed m
                 WHERE m.unit_code = t.unit_code AND m.share = t.share
                   AND m.begins_on <= r.missed_on AND m.ends_on > r.missed_on), r.missed_on))
              ELSE least(t.valid_to, $11::date) END AS ends_on
    FROM cpts.cpts_territory t, bounds b, resumed r
   WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity'
  UNION ALL
  SELECT m.unit_code, m.share, NULL, NULL, NULL,
         greatest(m.begins_on, r.missed_on, ($9::date[])[1]), least(m.ends_on, $11::date)
    FROM missed m, bounds b, resumed r
   WHERE m.ends_on > r.missed_on
     AND NOT (m.begins_on <= r.missed_on
              AND EXISTS (SELECT FROM cpts.cpts_territory t
                           WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity'
                             AND t.valid_to = b.exit_on AND t.unit_code = m.unit_code
                             AND t.share = m.share))
), moved_population AS MATERIALIZED (
  SELECT p.department, p.region, p.population_count, p.version, p.valid_from, p.valid_to,
         CASE WHEN p.valid_from = b.first_on THEN ($9::date[])[1]
              ELSE greatest(p.valid_from, ($9::date[])[1]) END AS begins_on,
         CASE WHEN p.valid_to = b.exit_on THEN least($11::date, r.missed_on)
              ELSE least(p.valid_to, $11::date) END AS ends_on
    FROM cpts.cpts_population p, bounds b, resumed r
   WHERE p.cpts_id = $4::uuid AND p.recorded_to = 'infinity'
  UNION ALL
  SELECT m.department, m.region, m.population_count, NULL, NULL, NULL,
         greatest(m.begins_on, r.missed_on, ($9::date[])[1]), least(m.ends_on, $11::date)
    FROM missed_population m, resumed r
   WHERE m.ends_on > r.missed_on
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
      recorded_from, basis, document_ids, evidence, decided_version)
    SELECT $4::uuid, changed.version, w.stage, nullif(w.successor, '')::uuid, changed.lead_region,
           w.valid_from, cpts.log_now(), coalesce(k.basis, 'HISTORY'), coalesce(k.document_ids, '{}'),
           coalesce(k.evidence, '{}'),
           coalesce(k.decided_version, (SELECT g.decided_version FROM gone g
                                         WHERE g.is_exit AND w.valid_from = $11::date))
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
), placed AS MATERIALIZED (
  SELECT m.unit_code, m.share, m.begins_on, m.ends_on
    FROM changed, moved m
   WHERE (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
     AND m.begins_on < m.ends_on
), territory_row AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, changed.version, p.unit_code, p.share, changed.lead_region, p.begins_on,
           p.ends_on, cpts.log_now()
      FROM changed, placed p
), superseded_population AS (
  UPDATE cpts.cpts_population p
     SET recorded_to = cpts.log_now()
    FROM changed, moved_population m
   WHERE p.cpts_id = $4::uuid AND p.version = m.version AND p.department = m.department
     AND p.valid_from = m.valid_from
     AND (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
), population_row AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, m.department, m.region, m.population_count,
           changed.lead_region, m.begins_on, m.ends_on, cpts.log_now()
      FROM changed, moved_population m
     WHERE (m.valid_from, m.valid_to) IS DISTINCT FROM (m.begins_on, m.ends_on)
       AND m.begins_on < m.ends_on
), overlap_row AS (
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT DISTINCT o.unit_code
      FROM (SELECT p.begins_on, p.ends_on, array_agg(p.unit_code) AS codes
              FROM placed p GROUP BY p.begins_on, p.ends_on) s
     CROSS JOIN cpts.claim_overlaps($4::uuid, s.begins_on, s.ends_on, s.codes) o
  ON CONFLICT (unit_code) DO NOTHING
), followed AS MATERIALIZED (
  SELECT cpts.clocks_correct($4::uuid, changed.version, changed.lead_region, n.stages, n.dates,
           n.versions, $8::text[], $9::date[], e.are_new, $14::text[], $15::text[], $16::text[],
           $17::text[], $18::uuid[], $19::text[], $20::text[], $21::date[]),
         cpts.filings_correct($4::uuid, changed.version, changed.lead_region, n.stages, n.versions,
           $8::text[], $9::date[], e.are_new),
         CASE WHEN b.exit_on <> $11::date
              THEN cpts.members_restore($4::uuid, changed.version, changed.lead_region,
                     (SELECT g.decided_version FROM gone g WHERE g.is_exit), b.exit_on, $11::date) END,
         CASE WHEN $11::date < 'infinity'
              THEN cpts.referrals_follow($4::uuid,
                     nullif(($10::text[])[cardinality($10::text[])], '')::uuid, $1::text, $2::uuid,
                     $3::bytea) END AS referrals
    FROM changed
   CROSS JOIN bounds b
   CROSS JOIN (SELECT coalesce(array_agg(g.stage::text), '{}') AS stages,
                      coalesce(array_agg(g.valid_from), '{}') AS dates,
                      coalesce(array_agg(g.decided_version), '{}') AS versions FROM gone g) n
   CROSS JOIN (SELECT array_agg(NOT EXISTS (
                        SELECT FROM old o WHERE o.stage = w.stage AND o.valid_from = w.entered_on
                           AND o.successor = w.successor) ORDER BY w.place) AS are_new
                 FROM unnest($8::text[], $9::date[], $10::text[]) WITH ORDINALITY
                   AS w (stage, entered_on, successor, place)) e
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_STAGES_CORRECTED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed, followed
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
