-- Changes fields of a CPTS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 name, $9 finess, $10 website (text, NULL = unchanged)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT c.version, c.owner_node, cpts.may_write(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c
   WHERE c.cpts_id = $4::uuid
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(),
         name = coalesce($8::text, name), finess = coalesce($9::text, finess),
         website = coalesce($10::text, website)
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id) AND NOT EXISTS (SELECT FROM seen)
  RETURNING version, epoch, lead_region
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_UPDATED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN current.version IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT current.in_scope THEN 'OUT_OF_SCOPE'
            WHEN current.owner_node <> $5::text THEN 'NOT_OWNER'
            ELSE 'STALE_VERSION' END AS outcome,
       $4::uuid AS cpts_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN current.owner_node <> $5::text THEN cpts.node_and_address(current.owner_node)
            ELSE current.version::text END AS detail
  FROM (VALUES (1)) one
  LEFT JOIN logged ON true
  LEFT JOIN current ON true
  LEFT JOIN seen ON true
