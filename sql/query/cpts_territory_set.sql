-- Replaces the territory of a CPTS from a date on.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 valid from (date) $9 unit codes (text[]) $10 their shares (float8[])
-- $11 version of the reference by which the units were read (int)
-- What was believed to hold on or after $8 stops being believed; what held
-- before $8 is recorded again with its end.
-- Gives one row: outcome, cpts_id, version, log_position, detail (the lead region on OK).
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT c.version, c.owner_node, cpts.may_write(c.lead_region, c.cpts_id) AS in_scope,
         c.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') AS ended, c.stage, c.stage_on,
         (SELECT min(s.valid_from) FROM cpts.cpts_stage s
           WHERE s.cpts_id = c.cpts_id AND s.recorded_to = 'infinity') AS first_on
    FROM cpts.cpts c
   WHERE c.cpts_id = $4::uuid
), refused AS MATERIALIZED (
  SELECT (SELECT max(v.version) FROM cpts.reference_version v)
           IS DISTINCT FROM $11::int AS is_outdated,
         cpts.territory_share_excess($4::uuid, $5::text, $8::date, $9::text[], $10::float8[])
           AS share_excess
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND (SELECT first_on <= $8::date AND NOT ended FROM current)
     AND (SELECT NOT is_outdated AND share_excess IS NULL FROM refused)
     AND cpts.may_write(lead_region, cpts_id) AND NOT EXISTS (SELECT FROM seen)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_territory t
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE t.cpts_id = $4::uuid AND t.recorded_to = 'infinity' AND t.valid_to > $8::date
  RETURNING t.unit_code, t.share, t.valid_from
), ended AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.unit_code, s.share, changed.lead_region, s.valid_from,
           $8::date, cpts.log_now()
      FROM changed, superseded s
     WHERE s.valid_from < $8::date
), added AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      recorded_from)
    SELECT $4::uuid, changed.version, u.code, u.share, changed.lead_region, $8::date, cpts.log_now()
      FROM changed, unnest($9::text[], $10::float8[]) AS u (code, share)
), superseded_population AS (
  UPDATE cpts.cpts_population p
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE p.cpts_id = $4::uuid AND p.recorded_to = 'infinity' AND p.valid_to > $8::date
  RETURNING p.department, p.region, p.population_count, p.valid_from
), ended_population AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, s.department, s.region, s.population_count,
           changed.lead_region, s.valid_from, $8::date, cpts.log_now()
      FROM changed, superseded_population s
     WHERE s.valid_from < $8::date
), added_population AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, r.department, r.region, r.population_count,
           changed.lead_region, $8::date, cpts.log_now()
      FROM changed
     CROSS JOIN cpts.territory_people($9::text[], $10::float8[], $8::date) r
), overlap_row AS (
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT m.unit_code
      FROM changed
      CROSS JOIN cpts.claim_overlaps($4::uuid, $8::date, 'infinity', $9::text[]) m
  ON CONFLICT (unit_code) DO NOTHING
), logged AS MATERIALIZED (
  SELECT changed.version, changed.lead_region,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_TERRITORY_SET',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN current.version IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT current.in_scope THEN 'OUT_OF_SCOPE'
            WHEN current.owner_node <> $5::text THEN 'NOT_OWNER'
            WHEN current.version <> $7::int THEN 'STALE_VERSION'
            WHEN current.ended THEN 'CPTS_ENDED'
            WHEN current.first_on > $8::date THEN 'TERRITORY_DATE_BEFORE_CREATION'
            WHEN refused.is_outdated THEN 'REFERENCE_CHANGED'
            ELSE 'TERRITORY_SHARE_EXCEEDED' END AS outcome,
       $4::uuid AS cpts_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN logged.version IS NOT NULL THEN logged.lead_region
            WHEN current.owner_node <> $5::text THEN cpts.node_and_address(current.owner_node)
            WHEN current.version <> $7::int THEN current.version::text
            WHEN current.ended THEN concat_ws(' ', current.stage, current.stage_on)
            WHEN current.first_on > $8::date THEN current.first_on::text
            ELSE refused.share_excess END AS detail
  FROM refused
  LEFT JOIN logged ON true
  LEFT JOIN current ON true
  LEFT JOIN seen ON true
