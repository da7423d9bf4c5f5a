-- Entries of the directory that answer questions about keys.
-- $1 CPTS ids (uuid[] as text[])  $2 serials wanted, 0 = the last one (int[] as text[])
-- Gives one row an entry: cpts_id, serial, kind, entry in hexadecimal, then the
-- head's position and hash; without any entry one row with the head alone. By
-- CPTS and serial, the statement (the last one that was signed) before its revocation, and that
-- of its region's authority.
WITH asked AS (
  SELECT q.cpts_id::uuid AS cpts_id, q.serial::int AS serial
    FROM unnest($1::text[], $2::text[]) AS q (cpts_id, serial)
), wanted AS (
  SELECT DISTINCT a.cpts_id,
         CASE WHEN a.serial > 0 THEN a.serial
              ELSE (SELECT max(k.serial) FROM cpts.key_statement k
                     WHERE k.cpts_id = a.cpts_id AND k.kind = 'STATEMENT') END AS serial
    FROM asked a
), head AS (
  SELECT k.position, k.hash FROM cpts.key_statement k ORDER BY k.position DESC LIMIT 1
), found AS (
  SELECT DISTINCT ON (k.cpts_id, k.serial, k.kind) k.cpts_id, k.serial, k.kind, k.entry,
         k.lead_region
    FROM wanted w
    JOIN cpts.key_statement k ON k.cpts_id = w.cpts_id AND k.serial = w.serial
   ORDER BY k.cpts_id, k.serial, k.kind, k.authority_serial DESC
), answer AS (
  SELECT f.cpts_id, f.serial, f.kind, f.entry FROM found f
  UNION ALL
  SELECT f.cpts_id, f.serial, 'AUTHORITY', a.entry
    FROM found f
   CROSS JOIN LATERAL (SELECT k.entry FROM cpts.key_statement k
                        WHERE k.kind = 'AUTHORITY' AND k.lead_region = f.lead_region
                        ORDER BY k.serial DESC LIMIT 1) a
   WHERE f.kind = 'STATEMENT'
)
SELECT f.cpts_id, f.serial, f.kind, encode(f.entry, 'hex') AS entry,
       coalesce(head.position, 0) AS head_position, encode(head.hash, 'hex') AS head_hash
  FROM (VALUES (1)) one
  LEFT JOIN head ON true
  LEFT JOIN answer f ON true
 ORDER BY f.cpts_id, f.serial, f.kind DESC
