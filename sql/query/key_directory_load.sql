-- The directory of keys behind a position, for the server's copy.
-- $1 position (bigint)
-- Gives one row an entry, at most 500: position, entry in hexadecimal.
SELECT k.position, encode(k.entry, 'hex') AS entry
  FROM cpts.key_statement k
 WHERE k.position > $1::bigint
 ORDER BY k.position LIMIT 500
