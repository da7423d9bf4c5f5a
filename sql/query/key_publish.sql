-- Publishes the next key statement of a CPTS in the directory of keys; or one that is there, signed
-- again by the successor of an authority that was revoked.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 serial (int)      $8 region of the statement (text)
-- $9 entry, a packed KeyEntry (bytea)
-- $10 X25519 key (bytea)  $11 Ed25519 key (bytea)
-- $12 valid from, $13 valid to (int8, seconds since 1970)
-- $14 serial of the certificate of the authority (int)
-- $15 the statement as it was signed (bytea)
-- Signatures were checked before: SQL knows no Ed25519.
-- The directory is one chain: the national node keeps it, whoever owns the CPTS.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT c.lead_region, 'national' AS owner_node, 1 AS epoch, c.stage,
         cpts.may_write(c.lead_region, c.cpts_id) AS may_write,
         (SELECT coalesce(max(k.serial), 0) FROM cpts.key_statement k
           WHERE k.cpts_id = c.cpts_id AND k.kind = 'STATEMENT') AS serial,
         cpts.authority_is_revoked($8::text, $14::int) AS is_orphan,
         (SELECT k.authority_serial < $14::int AND position($15::bytea IN k.entry) > 0
                 AND cpts.authority_is_revoked(k.lead_region, k.authority_serial)
            FROM cpts.key_statement k
           WHERE k.cpts_id = c.cpts_id AND k.kind = 'STATEMENT' AND k.serial = $7::int
           ORDER BY k.authority_serial DESC LIMIT 1) AS is_again,
         (SELECT count(*)::int FROM cpts.key_statement k WHERE k.cpts_id = c.cpts_id) AS version
    FROM cpts.cpts c WHERE c.cpts_id = $4::uuid
), allowed AS MATERIALIZED (
  SELECT c.lead_region, c.epoch, c.version + 1 AS version
    FROM current c
   WHERE c.may_write AND $5::text = 'national' AND NOT c.is_orphan
     AND (c.serial + 1 = $7::int OR coalesce(c.is_again, false))
     AND c.lead_region = $8::text
     AND c.stage NOT IN ('FUSIONNE', 'DISSOUS', 'ABANDONNE', 'NON_RENOUVELE')
     AND NOT EXISTS (SELECT FROM seen)
), added AS MATERIALIZED (
  SELECT cpts.key_append($4::uuid, $7::int, 'STATEMENT', a.version, a.lead_region, $10::bytea,
           $11::bytea, to_timestamp($12::bigint), to_timestamp($13::bigint), $9::bytea, $14::int)
           AS position
    FROM allowed a
), logged AS MATERIALIZED (
  SELECT a.version,
         cpts.log_append('KEY', $4::uuid, a.version, a.epoch, 'KEY_PUBLISHED', a.lead_region,
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
            WHEN current.lead_region <> $8::text OR current.is_orphan THEN 'KEY_NOT_VOUCHED'
            WHEN current.serial + 1 <> $7::int AND NOT coalesce(current.is_again, false)
            THEN 'KEY_SERIAL_NOT_NEXT'
            ELSE 'CPTS_ENDED' END AS outcome,
       $4::uuid AS cpts_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN $5::text <> 'national' THEN cpts.node_and_address('national')
            WHEN current.lead_region <> $8::text
            THEN concat('its lead region is ', current.lead_region)
            WHEN current.is_orphan THEN 'the key authority that signed it was revoked'
            WHEN current.serial + 1 <> $7::int THEN current.serial::text
            ELSE current.stage END AS detail
  FROM (VALUES (1)) one
  LEFT JOIN current ON true
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
