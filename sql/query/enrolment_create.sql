-- Names who may come, with the hash of a token.
-- $1 principal (text)      $2 command_id (uuid)     $3 content hash (bytea)
-- $4 enrolment_id (uuid)   $5 this node (text)      $6 change bytes (bytea)
-- $7 identity (text)       $8 roles (text[])        $9 scope (text)
-- $10 note (text)          $11 hours (int)          $12 token hash (bytea)
-- $13 CPTS of the scope (uuid, NULL = none)  $14 replaces who has the identity (boolean)
-- $15 host:port of a node (text, empty for all others)
-- Whoever has not everything gives roles on one CPTS of its region, nothing else. Certificates are
-- given here whoever owns the record of the CPTS; the region's node is told of them.
-- Gives one row: outcome, enrolment_id, version, log_position, detail, end (microseconds).
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, aggregate_id, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), target AS MATERIALIZED (
  SELECT c.cpts_id, coalesce(c.lead_region, '') AS lead_region, c.stage,
         cpts.scope_conflict($7::text, $9::text) AS conflict,
         NOT $14::boolean AND cpts.identity_is_held($7::text) AS is_held,
         current_setting('app.scope', true) = '*'
           OR $13::uuid IS NOT NULL AND cpts.may_write(coalesce(c.lead_region, ''), $4::uuid)
           AS is_allowed
    FROM (VALUES ($5::text)) one (node)
    LEFT JOIN cpts.cpts c ON c.cpts_id = $13::uuid
), created AS (
  INSERT INTO cpts.enrolment (enrolment_id, version, token_hash, principal, roles, scope,
      lead_region, note, replaces, node_address, created_by, created_at, expires_at)
    SELECT $4::uuid, 1, $12::bytea, $7::text, $8::text[], $9::text, t.lead_region, $10::text,
           $14::boolean, $15::text, $1::text, cpts.log_now(), cpts.log_now() + make_interval(hours => $11::int)
      FROM target t
     WHERE t.is_allowed AND ($13::uuid IS NULL OR t.cpts_id IS NOT NULL
             AND t.stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE'))
       AND t.conflict IS NULL AND NOT t.is_held AND NOT EXISTS (SELECT FROM seen)
  RETURNING version, lead_region, expires_at
), logged AS MATERIALIZED (
  SELECT cpts.log_append('ENROLMENT', $4::uuid, created.version, 1, 'ENROLMENT_CREATED',
           created.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM created
)
SELECT CASE WHEN created.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN $13::uuid IS NOT NULL AND target.cpts_id IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT target.is_allowed THEN 'OUT_OF_SCOPE'
            WHEN target.conflict IS NOT NULL THEN 'IDENTITY_SCOPE_CONFLICT'
            WHEN target.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
              THEN 'CPTS_ENDED'
            ELSE 'IDENTITY_IS_HELD' END AS outcome,
       coalesce(seen.aggregate_id, $4::uuid) AS enrolment_id,
       coalesce(created.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       coalesce(target.conflict, target.stage) AS detail,
       cpts.unix_us(coalesce(created.expires_at,
           (SELECT e.expires_at FROM cpts.enrolment e WHERE e.enrolment_id = seen.aggregate_id)))
         AS expires_at
  FROM target
  LEFT JOIN created ON true
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
