-- Links of a chain after a position.
-- $1 chain (text)  $2 node whose acts are meant (text)  $3 position (bigint)  $4 links at most (int)
-- Gives: 0 position, 1 hash before it, 2 bytes, 3 hash, 4 last position of the chain; all but
-- positions in hexadecimal.
SELECT l.position, encode(l.prev_hash, 'hex'), encode(l.bytes, 'hex'), encode(l.hash, 'hex'), l.head
  FROM cpts.audit_links($1::text, $2::text, $3::bigint, $4::int) l
