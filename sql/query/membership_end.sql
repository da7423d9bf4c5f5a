-- Ends the membership that a member of a CPTS has on a date.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 identifier (text) $9 left on (date): the first date on which it is over
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH held AS MATERIALIZED (
  SELECT m.version, m.valid_from
    FROM cpts.cpts_member m
   WHERE m.cpts_id = $4::uuid AND m.identifier = $8::text AND m.recorded_to = 'infinity'
     AND m.valid_from < $9::date AND m.valid_to > $9::date
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_write(lead_region, cpts_id) AND EXISTS (SELECT FROM held)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_member m
     SET recorded_to = cpts.log_now()
    FROM held, changed
   WHERE m.cpts_id = $4::uuid AND m.identifier = $8::text AND m.version = held.version
     AND m.valid_from = held.valid_from
  RETURNING m.category, m.college, m.voice, m.valid_from
), recorded AS (
  INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, $8::text, changed.version, s.category, s.college, s.voice,
           changed.lead_region, s.valid_from, $9::date, cpts.log_now()
      FROM changed, superseded s
  RETURNING category
), counted AS MATERIALIZED (
  SELECT cpts.member_count_refresh($4::uuid, changed.version, changed.lead_region,
           (SELECT array_agg(recorded.category::text) FROM recorded)) AS row_count
    FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'MEMBERSHIP_ENDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed, counted
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                                THEN 'CPTS_ENDED' ELSE 'MEMBER_NOT_FOUND' END),
       $4::uuid, r.version, r.log_position, coalesce(r.detail, concat_ws(' ', r.stage, r.stage_on))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
