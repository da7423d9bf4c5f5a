-- Replaces what is believed of a CPTS's territory during a period; what is believed of the days
-- outside it stays, what was believed before stays readable, as known before.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 first day (date)  $9 first day no more (date; infinity = until the CPTS ends)
-- $10 unit codes (text[]) $11 their shares (float8[]); none = it had no territory then
-- $12 version of the reference by which the units were read (int)
-- $13 reason (text)    $14 evidence (text)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH lived AS MATERIALIZED (
  SELECT min(f.valid_from) AS first_on,
         coalesce(max(f.valid_from) FILTER (WHERE f.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS',
           'NON_RENOUVELE')), 'infinity') AS exit_on
    FROM cpts.cpts_stage f
   WHERE f.cpts_id = $4::uuid AND f.recorded_to = 'infinity'
), period AS MATERIALIZED (
  SELECT $8::date AS begins_on, least($9::date, exit_on) AS ends_on, first_on, exit_on FROM lived
), wanted AS MATERIALIZED (
  SELECT u.code, u.share FROM unnest($10::text[], $11::float8[]) AS u (code, share)
), touched AS MATERIALIZED (
  SELECT t.unit_code, t.share, t.valid_from, t.valid_to, t.version
    FROM cpts.cpts_territory t, period p
   WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity'
     AND t.valid_from < p.ends_on AND t.valid_to > p.begins_on
), same AS MATERIALIZED (
  SELECT NOT EXISTS (SELECT FROM touched t, period p
                      WHERE t.valid_from > p.begins_on OR t.valid_to < p.ends_on
                         OR NOT EXISTS (SELECT FROM wanted w
                                         WHERE w.code = t.unit_code AND w.share = t.share))
         AND NOT EXISTS (SELECT FROM wanted w
                          WHERE NOT EXISTS (SELECT FROM touched t WHERE t.unit_code = w.code))
         AS is_same
), refused AS MATERIALIZED (
  SELECT (SELECT max(v.version) FROM cpts.reference_version v)
           IS DISTINCT FROM $12::int AS is_outdated,
         (SELECT cpts.share_excess($4::uuid, $5::text, greatest(v.from_on, p.begins_on),
                   least(v.to_on, p.ends_on), $10::text[], $11::float8[])
            FROM cpts.validated_period($4::uuid) v, period p
           WHERE v.from_on < p.ends_on AND v.to_on > p.begins_on) AS share_excess
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
     AND (SELECT begins_on >= first_on AND begins_on < ends_on FROM period)
     AND NOT (SELECT is_same FROM same)
     AND (SELECT NOT is_outdated AND share_excess IS NULL FROM refused)
  RETURNING version, epoch, lead_region
), reason_row AS (
  INSERT INTO cpts.cpts_correction (cpts_id, version, reason, evidence, lead_region, recorded_at)
    SELECT $4::uuid, changed.version, $13::text, $14::text, changed.lead_region, cpts.log_now()
      FROM changed
), superseded AS (
  UPDATE cpts.cpts_territory t
     SET recorded_to = cpts.log_now()
    FROM changed, touched u
   WHERE t.cpts_id = $4::uuid AND t.version = u.version AND t.unit_code = u.unit_code
     AND t.valid_from = u.valid_from AND t.recorded_to = 'infinity'
  RETURNING t.unit_code, t.share, t.valid_from, t.valid_to
), territory_row AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, changed.version, n.unit_code, n.share, changed.lead_region, n.begins_on,
           n.ends_on, cpts.log_now()
      FROM changed
     CROSS JOIN (
        SELECT s.unit_code, s.share, s.valid_from AS begins_on, p.begins_on AS ends_on
          FROM superseded s, period p WHERE s.valid_from < p.begins_on
        UNION ALL
        SELECT s.unit_code, s.share, p.ends_on, s.valid_to
          FROM superseded s, period p WHERE s.valid_to > p.ends_on
        UNION ALL
        SELECT w.code, w.share, p.begins_on, p.ends_on FROM wanted w, period p) n
), superseded_population AS (
  UPDATE cpts.cpts_population o
     SET recorded_to = cpts.log_now()
    FROM changed, period p
   WHERE o.cpts_id = $4::uuid AND o.recorded_to = 'infinity'
     AND o.valid_from < p.ends_on AND o.valid_to > p.begins_on
  RETURNING o.department, o.region, o.population_count, o.valid_from, o.valid_to
), population_row AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, n.department, n.region, n.population_count,
           changed.lead_region, n.begins_on, n.ends_on, cpts.log_now()
      FROM changed
     CROSS JOIN (
        SELECT s.department, s.region, s.population_count, s.valid_from AS begins_on,
               p.begins_on AS ends_on
          FROM superseded_population s, period p WHERE s.valid_from < p.begins_on
        UNION ALL
        SELECT s.department, s.region, s.population_count, p.ends_on, s.valid_to
          FROM superseded_population s, period p WHERE s.valid_to > p.ends_on
        UNION ALL
        SELECT r.department, r.region, r.population_count, p.begins_on, p.ends_on
          FROM period p
         CROSS JOIN cpts.territory_people($10::text[], $11::float8[], p.begins_on) r) n
), overlap_row AS (
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT m.unit_code
      FROM changed
     CROSS JOIN period p
     CROSS JOIN cpts.claim_overlaps($4::uuid, p.begins_on, p.ends_on, $10::text[]) m
  ON CONFLICT (unit_code) DO NOTHING
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch,
           'CPTS_TERRITORY_CORRECTED', changed.lead_region, $6::bytea, $1::text, $2::uuid,
           $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN p.begins_on < p.first_on THEN 'TERRITORY_DATE_BEFORE_CREATION'
                                WHEN p.begins_on >= p.ends_on THEN 'CPTS_ENDED'
                                WHEN same.is_same THEN 'NOTHING_TO_CORRECT'
                                WHEN f.is_outdated THEN 'REFERENCE_CHANGED'
                                ELSE 'TERRITORY_SHARE_EXCEEDED' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN p.begins_on < p.first_on THEN p.first_on::text
                               WHEN p.begins_on >= p.ends_on
                               THEN concat_ws(' ', r.stage, p.exit_on)
                               ELSE f.share_excess END)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 CROSS JOIN period p
 CROSS JOIN same
 CROSS JOIN refused f
 WHERE NOT EXISTS (SELECT FROM logged)
