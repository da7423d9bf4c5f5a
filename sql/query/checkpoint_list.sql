-- Signed points of the chain of one origin, and the key that they are checked with.
-- $1 this node (text)  $2 origin (text)  $3 origin position after which (bigint)  $4 at most (int)
-- Gives one row at least, by position: 0 origin position (bigint; NULL: there is none), 1 hash,
-- 2 signed at (bigint, microseconds), 3 signature, 4 id of the key, 5 public key of the origin as this
-- node knows it (empty = none), 6 the key that signed it, when that is a former one of the origin
-- (empty = it is not); all in hexadecimal.
SELECT s.position, encode(s.hash, 'hex'), cpts.unix_us(s.signed_at), encode(s.signature, 'hex'),
       encode(s.key_id, 'hex'),
       coalesce((SELECT encode(n.checkpoint_key, 'hex') FROM cpts.node n WHERE n.name = $2::text), ''),
       coalesce((SELECT encode(k.key, 'hex')
                   FROM cpts.checkpoint_key k LEFT JOIN cpts.node n ON n.name = k.node
                  WHERE k.node = $2::text AND substr(sha256(k.key), 1, 8) = s.key_id
                    AND k.key IS DISTINCT FROM n.checkpoint_key), '')
  FROM (VALUES ($1::text)) one (node)
  LEFT JOIN LATERAL (
    SELECT c.position, c.hash, c.signed_at, c.signature, c.key_id
      FROM cpts.sync_checkpoint c
     WHERE c.node = $2::text AND c.position > $3::bigint
     ORDER BY c.position
     LIMIT $4::int) s ON true
 ORDER BY s.position
