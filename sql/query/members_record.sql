-- Records members of a CPTS, many at once: all of them or none.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int, 0 = any)
-- $8 identifiers (text[], each once)  $9 categories (text[])  $10 colleges (text[])
-- $11 voices (text[])  $12 joined on (date[])  $13 left on (date[], infinity = not)
-- $14 restates (bool): what else is believed of these members is withdrawn
-- What was believed to hold on the days given stops being believed; unless $14,
-- what held before and after them is recorded again.
-- Gives one row: outcome, cpts_id, version, log_position, detail: members recorded for
-- the first time, changed and left as they were; or the row (from 0) and the value
-- that is refused.
WITH input AS MATERIALIZED (
  SELECT i.row::int - 1 AS row, i.identifier, i.category, i.college, i.voice, i.joined_on, i.left_on
    FROM unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::date[], $13::date[])
      WITH ORDINALITY AS i (identifier, category, college, voice, joined_on, left_on, row)
), unknown AS MATERIALIZED (
  SELECT i.row, i.category, i.identifier >= '8' AS is_person
    FROM input i
    LEFT JOIN cpts.profession p ON i.identifier >= '8' AND p.code = i.category
      AND p.valid_from <= i.joined_on AND p.valid_to > i.joined_on
    LEFT JOIN cpts.structure_kind k ON i.identifier < '8' AND k.code = i.category
      AND k.valid_from <= i.joined_on AND k.valid_to > i.joined_on
   WHERE p.code IS NULL AND k.code IS NULL
   ORDER BY i.row LIMIT 1
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND ($7::int = 0 OR version = $7::int) AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_write(lead_region, cpts_id) AND NOT EXISTS (SELECT FROM unknown)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), believed AS MATERIALIZED (
  SELECT m.identifier, m.category, m.college, m.voice, m.valid_from, m.valid_to
    FROM changed, cpts.cpts_member m
   WHERE m.cpts_id = $4::uuid AND m.recorded_to = 'infinity'
     AND m.identifier = ANY ($8::text[])
), fresh AS MATERIALIZED (
  SELECT i.identifier, i.category, i.college, i.voice, i.joined_on, i.left_on,
         EXISTS (SELECT FROM believed b WHERE b.identifier = i.identifier) AS is_known
    FROM input i, changed
   WHERE NOT EXISTS (
           SELECT FROM believed b
            WHERE b.identifier = i.identifier AND b.category = i.category
              AND b.college = i.college AND b.voice = i.voice AND b.valid_to = i.left_on
              AND (b.valid_from = i.joined_on OR NOT $14::bool AND b.valid_from < i.joined_on))
      OR $14::bool AND EXISTS (
           SELECT FROM believed b
            WHERE b.identifier = i.identifier AND b.valid_from <> i.joined_on)
), superseded AS (
  UPDATE cpts.cpts_member m
     SET recorded_to = cpts.log_now()
    FROM fresh f
   WHERE m.cpts_id = $4::uuid AND m.identifier = f.identifier AND m.recorded_to = 'infinity'
     AND f.is_known AND ($14::bool OR m.valid_from < f.left_on AND m.valid_to > f.joined_on)
  RETURNING m.identifier, m.category, m.college, m.voice, m.valid_from, m.valid_to, f.joined_on,
            f.left_on
), recorded AS (
  INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, n.identifier, changed.version, n.category, n.college, n.voice,
           changed.lead_region, n.valid_from, n.valid_to, cpts.log_now()
      FROM changed,
           (SELECT identifier, category, college, voice, joined_on AS valid_from,
                   left_on AS valid_to
              FROM fresh
            UNION ALL
            SELECT identifier, category, college, voice, valid_from, joined_on
              FROM superseded WHERE NOT $14::bool AND valid_from < joined_on
            UNION ALL
            SELECT identifier, category, college, voice, left_on, valid_to
              FROM superseded WHERE NOT $14::bool AND valid_to > left_on) n
  RETURNING category
), touched AS MATERIALIZED (
  SELECT array_agg(DISTINCT t.category::text) AS categories
    FROM (SELECT category FROM recorded UNION ALL SELECT category FROM superseded) t
), counted AS MATERIALIZED (
  SELECT cpts.member_count_refresh($4::uuid, changed.version, changed.lead_region,
           coalesce(touched.categories, '{}')) AS row_count
    FROM changed, touched
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'MEMBERS_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position,
         (SELECT concat_ws(' ', count(*) FILTER (WHERE NOT f.is_known),
                           count(*) FILTER (WHERE f.is_known),
                           cardinality($8::text[]) - count(*)) FROM fresh f) AS counts
    FROM changed, counted
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position,
       logged.counts AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                                THEN 'CPTS_ENDED'
                                WHEN u.is_person THEN 'UNKNOWN_PROFESSION'
                                ELSE 'UNKNOWN_STRUCTURE_KIND' END),
       $4::uuid, r.version, r.log_position,
       CASE WHEN r.outcome IS NOT NULL THEN r.detail
            WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
            THEN concat_ws(' ', r.stage, r.stage_on)
            ELSE concat_ws(' ', u.row, u.category) END
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text,
         coalesce(nullif($7::int, 0),
                  (SELECT c.version FROM cpts.cpts c WHERE c.cpts_id = $4::uuid), 0)) r
  LEFT JOIN unknown u ON true
 WHERE NOT EXISTS (SELECT FROM logged)
