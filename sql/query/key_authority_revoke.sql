-- Puts the root's revocation of a region's key authority into the directory of keys.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 id that stands for the authority (uuid)  $5 this node (text)   $6 change bytes (bytea)
-- $7 serial of the last certificate that is revoked (int)  $8 region (text)
-- $9 entry, a packed KeyEntry (bytea)         $10 revoked at (int8, seconds since 1970)
-- Signatures were checked before. Gives one row: outcome, id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT cpts.may_write($8::text, $4::uuid) AS may_write,
         cpts.authority_is_revoked($8::text, $7::int) AS is_revoked,
         (SELECT count(*)::int FROM cpts.key_statement k WHERE k.cpts_id = $4::uuid) AS version
), allowed AS MATERIALIZED (
  SELECT c.version + 1 AS version
    FROM current c
   WHERE c.may_write AND NOT c.is_revoked AND NOT EXISTS (SELECT FROM seen)
), added AS MATERIALIZED (
  SELECT cpts.key_append($4::uuid, $7::int, 'AUTHORITY', a.version, $8::text, NULL, NULL,
           to_timestamp($10::bigint), 'infinity', $9::bytea, 0) AS position
    FROM allowed a
), logged AS MATERIALIZED (
  SELECT a.version,
         cpts.log_append('KEY', $4::uuid, a.version, 1, 'KEY_AUTHORITY_REVOKED', $8::text,
           $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM allowed a, added
   WHERE added.position > 0
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN NOT current.may_write THEN 'OUT_OF_SCOPE'
            ELSE 'KEY_REVOKED' END AS outcome,
       $4::uuid AS id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN $5::text <> '' THEN $7::int::text END AS detail
  FROM current
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
