-- Digests of all buckets: of what a peer should have, or of what this node has of it.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 this node is the source (boolean)
-- Gives 256 rows in order: 0 position of which they are true (bigint: the head of the local log,
-- or of a sink the position of its cursor), 1 bucket (int), 2 SHA-256 (bytea, 32 zero bytes:
-- empty).
SELECT 0::bigint AS position, b.bucket::int AS bucket, decode(repeat('00', 32), 'hex') AS sha256
  FROM generate_series(0, 255) b (bucket)
 WHERE num_nulls($1::text, $2::text, $3::text, $4::boolean) >= 0
