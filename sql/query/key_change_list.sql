-- The directory of keys behind a position, in order.
-- $1 position (bigint)  $2 entries at most (int)
-- Gives one row an entry: position, entry and hash in hexadecimal, recorded at
-- (microseconds since 1970), the head's position and hash; without any entry
-- one row with the head alone.
WITH head AS (
  SELECT k.position, k.hash FROM cpts.key_statement k ORDER BY k.position DESC LIMIT 1
), page AS (
  SELECT k.position, k.entry, k.hash, k.recorded_at
    FROM cpts.key_statement k
   WHERE k.position > $1::bigint
   ORDER BY k.position LIMIT $2::int
)
SELECT p.position, encode(p.entry, 'hex') AS entry, encode(p.hash, 'hex') AS hash,
       cpts.unix_us(p.recorded_at) AS recorded_at,
       coalesce(head.position, 0) AS head_position, encode(head.hash, 'hex') AS head_hash
  FROM (VALUES (1)) one
  LEFT JOIN head ON true
  LEFT JOIN page p ON true
 ORDER BY p.position
