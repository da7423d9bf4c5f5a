-- Entries of the log of one origin, and the ends of runs of it that this node may not see.
-- $1 origin (text)  $2 origin position after which (bigint)  $3 at most (int)  $4 bytes at most, one
-- entry in any case (bigint)
-- Gives, by position: 0 origin position, 1 bytes (NULL of a run), 2 hash before it (NULL of a run),
-- 3 its hash (all in hexadecimal), 4 first position of the run (bigint, 0 of an entry).
WITH entry AS (
  SELECT l.origin_position AS position, l.bytes, l.prev_hash::bytea AS prev_hash, l.hash::bytea AS hash,
         0::bigint AS since
    FROM cpts.change_log l
   WHERE l.origin_node = $1::text AND l.origin_position > $2::bigint
   ORDER BY l.origin_position
   LIMIT $3::int
), run AS (
  SELECT w.last_position, NULL::bytea, NULL::bytea, w.hash::bytea, w.first_position
    FROM cpts.sync_withheld w
   WHERE w.origin_node = $1::text AND w.last_position > $2::bigint
   ORDER BY w.last_position
   LIMIT $3::int
), link AS (
  SELECT e.position, e.bytes, e.prev_hash, e.hash, e.since FROM entry e
  UNION ALL
  SELECT r.last_position, NULL, NULL, r.hash, r.first_position FROM run r
   ORDER BY 1
   LIMIT $3::int
), counted AS (
  SELECT l.position, l.bytes, l.prev_hash, l.hash, l.since,
         sum(octet_length(coalesce(l.bytes, ''))) OVER (ORDER BY l.position) AS total,
         row_number() OVER (ORDER BY l.position) AS rank
    FROM link l
)
SELECT c.position, encode(c.bytes, 'hex'), encode(c.prev_hash, 'hex'), encode(c.hash, 'hex'), c.since
  FROM counted c
 WHERE c.rank = 1 OR c.total <= $4::bigint
 ORDER BY c.position
