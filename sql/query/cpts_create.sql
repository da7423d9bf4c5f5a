-- Registers a CPTS with its first stages and its territory.
-- $1 principal (text)      $2 command_id (uuid)     $3 content hash (bytea)
-- $4 cpts_id (uuid)        $5 this node (text)      $6 change bytes (bytea)
-- $7 name (text)           $8 lead region (text)    $9 synthetic (bool)
-- $10 finess (text)        $11 website (text)
-- $12 stages (text[])      $13 their dates (date[]) $14 their successors (text[], '' = none)
-- $15 unit codes (text[])  $16 their shares (float8[])
-- $17 end of the territory (date): that of a way out among the stages, else infinity
-- $18 ids, $19 kinds, $20 missions, $21 due dates of the clocks that run (arrays), $22 since (date)
-- $23 version of the reference by which the units were read (int)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, aggregate_id, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), owner AS MATERIALIZED (
  SELECT r.node, coalesce(o.epoch, 1) AS epoch
    FROM (VALUES (1)) one
    LEFT JOIN cpts.region_owner o ON o.region = $8::text
   CROSS JOIN LATERAL (SELECT CASE WHEN $5::text = 'region/' || $8::text THEN $5::text
                                   ELSE coalesce(o.node, 'national') END AS node) r
), refused AS MATERIALIZED (
  SELECT r.version IS DISTINCT FROM $23::int AS is_outdated,
         cpts.share_excess($4::uuid, $5::text, v.validated_on, $17::date, $15::text[],
           $16::float8[]) AS share_excess
    FROM (SELECT max(w.version) AS version FROM cpts.reference_version w) r,
         (SELECT min(s.effective_on) AS validated_on
            FROM unnest($12::text[], $13::date[]) AS s (stage, effective_on)
           WHERE s.stage IN ('PROJET_VALIDE', 'ACI_SIGNE')) v
), created AS (
  INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on,
      synthetic, finess, website, created_at, updated_at, published)
    SELECT $4::uuid, owner.node, owner.epoch, 1, $7::text, $8::text,
           ($12::text[])[cardinality($12::text[])], ($13::date[])[cardinality($13::date[])],
           $9::bool, $10::text, $11::text, cpts.log_now(), cpts.log_now(),
           $12::text[] && '{LETTRE_INTENTION,PROJET_VALIDE,ACI_SIGNE}'::text[]
      FROM owner, refused
     WHERE owner.node = $5::text AND cpts.may_write($8::text, $4::uuid)
       AND NOT EXISTS (SELECT FROM seen)
       AND NOT refused.is_outdated AND refused.share_excess IS NULL
    RETURNING version, epoch
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from)
    SELECT $4::uuid, created.version, s.stage, nullif(s.successor, '')::uuid, $8::text,
           s.effective_on, cpts.log_now()
      FROM created, unnest($12::text[], $13::date[], $14::text[]) AS s (stage, effective_on, successor)
), territory_row AS (
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT $4::uuid, created.version, u.code, u.share, $8::text, ($13::date[])[1], $17::date,
           cpts.log_now()
      FROM created, unnest($15::text[], $16::float8[]) AS u (code, share)
), population_row AS (
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, created.version, r.department, r.region, r.population_count,
           $8::text, ($13::date[])[1], $17::date, cpts.log_now()
      FROM created
     CROSS JOIN cpts.territory_people($15::text[], $16::float8[], ($13::date[])[1]) r
), overlap_row AS (
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT m.unit_code
      FROM created
      CROSS JOIN cpts.claim_overlaps($4::uuid, ($13::date[])[1], $17::date, $15::text[]) m
  ON CONFLICT (unit_code) DO NOTHING
), clocked AS MATERIALIZED (
  SELECT cpts.clock_start($4::uuid, created.version, $8::text, $22::date, $18::uuid[], $19::text[],
           $20::text[], $21::date[])
    FROM created
   WHERE cardinality($18::uuid[]) > 0
), logged AS MATERIALIZED (
  SELECT cpts.log_append('CPTS', $4::uuid, created.version, created.epoch, 'CPTS_CREATED', $8::text,
           $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM created
)
SELECT CASE WHEN created.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN owner.node <> $5::text THEN 'NOT_OWNER'
            WHEN NOT cpts.may_write($8::text, $4::uuid) THEN 'OUT_OF_SCOPE'
            WHEN refused.is_outdated THEN 'REFERENCE_CHANGED'
            ELSE 'TERRITORY_SHARE_EXCEEDED' END AS outcome,
       coalesce(seen.aggregate_id, $4::uuid) AS cpts_id,
       coalesce(created.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN owner.node <> $5::text THEN cpts.node_and_address(owner.node)
            ELSE refused.share_excess END AS detail
  FROM owner
 CROSS JOIN refused
  LEFT JOIN created ON true
  LEFT JOIN clocked ON true
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
