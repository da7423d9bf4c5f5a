-- Revokes a published key of a CPTS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 serial (int)      $8 region of the revocation (text)
-- $9 entry, a packed KeyEntry (bytea)        $10 revoked at (int8, seconds since 1970)
-- The directory is one chain: the national node keeps it, whoever owns the CPTS.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT c.lead_region, 'national' AS owner_node, 1 AS epoch, cpts.may_write(c.lead_region, c.cpts_id) AS may_write,
         EXISTS (SELECT FROM cpts.key_statement k
                  WHERE k.cpts_id = c.cpts_id AND k.serial = $7::int
                    AND k.kind = 'STATEMENT') AS is_published,
         EXISTS (SELECT FROM cpts.key_statement k
                  WHERE k.cpts_id = c.cpts_id AND k.serial = $7::int
                    AND k.kind = 'REVOCATION') AS is_revoked,
         (SELECT count(*)::int FROM cpts.key_statement k WHERE k.cpts_id = c.cpts_id) AS version
    FROM cpts.cpts c WHERE c.cpts_id = $4::uuid
), allowed AS MATERIALIZED (
  SELECT c.lead_region, c.epoch, c.version + 1 AS version
    FROM current c
   WHERE c.may_write AND $5::text = 'national' AND c.lead_region = $8::text
     AND c.is_published AND NOT c.is_revoked
     AND NOT EXISTS (SELECT FROM seen)
), added AS MATERIALIZED (
  SELECT cpts.key_append($4::uuid, $7::int, 'REVOCATION', a.version, a.lead_region, NULL, NULL,
           to_timestamp($10::bigint), 'infinity', $9::bytea, 0) AS position
    FROM allowed a
), logged AS MATERIALIZED (
  SELECT a.version,
         cpts.log_append('KEY', $4::uuid, a.version, a.epoch, 'KEY_REVOKED', a.lead_region,
           $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM allowed a, added
   WHERE added.position > 0
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN current.owner_node IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT current.may_write THEN 'OUT_OF_SCOPE'
            WHEN $5::text <> 'national' THEN 'NOT_OWNER'
            WHEN current.lead_region <> $8::text THEN 'KEY_NOT_VOUCHED'
            WHEN NOT current.is_published THEN 'KEY_NOT_PUBLISHED'
            ELSE 'KEY_REVOKED' END AS outcome,
       $4::uuid AS cpts_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN $5::text <> 'national' THEN cpts.node_and_address('national')
            WHEN current.lead_region <> $8::text
            THEN concat('its lead region is ', current.lead_region)
            ELSE $7::int::text END AS detail
  FROM (VALUES (1)) one
  LEFT JOIN current ON true
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
