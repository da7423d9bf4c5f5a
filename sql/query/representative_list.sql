-- The seats of representatives of users of a CPTS, for those who may see them.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- Gives in every row: 0 outcome (OK, CPTS_NOT_FOUND, OUT_OF_SCOPE), 1 version of the CPTS;
-- 2 seat (NULL: none), 3 association, 4 reference of its approval, 5 designated on,
-- 6 reference of the designation, 7 trained on ('' = not), 8 voice, 9 from,
-- 10 until ('' = open).
WITH target AS MATERIALIZED (
  SELECT c.version, cpts.may_read_members(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c WHERE c.cpts_id = $1::uuid
)
SELECT CASE WHEN t.version IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT t.in_scope THEN 'OUT_OF_SCOPE' ELSE 'OK' END,
       t.version, f.representative_id, f.association, f.approval_reference, f.designated_on,
       f.designation_reference, coalesce(f.trained_on::text, ''), f.voice, f.valid_from,
       coalesce(nullif(f.valid_to, 'infinity')::text, '')
  FROM (VALUES (1)) one
  LEFT JOIN target t ON true
  LEFT JOIN cpts.cpts_representative f ON t.in_scope AND f.cpts_id = $1::uuid
   AND f.valid_from <= $2::date AND f.valid_to > $2::date
   AND f.recorded_from <= cpts.known_at($3::timestamptz)
   AND f.recorded_to > cpts.known_at($3::timestamptz)
 ORDER BY f.valid_from, f.representative_id
