-- A page of the members of a CPTS, ordered by identifier, for those who may see them.
-- $1 cpts_id (uuid)         $2 as of (date)  $3 known at (timestamptz)
-- $4 college ('' = both)    $5 after this identifier (text)  $6 rows at most (int)
-- Gives in every row: 0 outcome (OK, CPTS_NOT_FOUND, OUT_OF_SCOPE), 1 version of the CPTS;
-- 2 identifier (NULL: no member), 3 category, 4 college, 5 voice, 6 joined on,
-- 7 left on ('' = not), 8 recorded (microseconds), 9 known at (microseconds).
WITH target AS MATERIALIZED (
  SELECT c.version, cpts.may_read_members(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c WHERE c.cpts_id = $1::uuid
)
SELECT CASE WHEN t.version IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT t.in_scope THEN 'OUT_OF_SCOPE' ELSE 'OK' END,
       t.version, m.identifier, m.category, m.college, m.voice, m.valid_from,
       coalesce(nullif(m.valid_to, 'infinity')::text, ''), cpts.unix_us(m.recorded_from),
       (SELECT cpts.answer_instant_us($3::timestamptz))
  FROM (VALUES (1)) one
  LEFT JOIN target t ON true
  LEFT JOIN (SELECT f.identifier, f.category, f.college, f.voice, f.valid_from, f.valid_to,
                    f.recorded_from
               FROM cpts.cpts_member f
              WHERE f.cpts_id = $1::uuid AND f.identifier > $5::text
                AND ($4::text = '' OR f.college = $4::text)
                AND f.valid_from <= $2::date AND f.valid_to > $2::date
                AND f.recorded_from <= cpts.known_at($3::timestamptz)
                AND f.recorded_to > cpts.known_at($3::timestamptz)
              ORDER BY f.identifier LIMIT $6::int) m ON t.in_scope
 ORDER BY m.identifier
