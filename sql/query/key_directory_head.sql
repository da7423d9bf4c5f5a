-- The head of the directory of keys.
-- Gives one row: position, 0 when it is empty, and hash in hexadecimal.
SELECT coalesce(h.position, 0) AS position, encode(h.hash, 'hex') AS hash
  FROM (VALUES (1)) one
  LEFT JOIN (SELECT k.position, k.hash FROM cpts.key_statement k
              ORDER BY k.position DESC LIMIT 1) h ON true
