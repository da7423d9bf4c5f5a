-- Reads the log after a position, in order, for those who follow it.
-- $1 position (bigint)                $2 positions to look at, at most (bigint)
-- $3 rows at most (int)               $4 bytes at most, one row in any case (bigint)
-- $5 lead region, or with $6 a CPTS that takes part (text; empty = all)
-- $6 tells who is told of referrals (boolean)
-- Gives the head of the log in every row, and one row without a change when
-- there is none. Columns: enum log_column of store/log_reader.h; asked for in
-- binary, so that an instant is no text either. Who is told of a referral's change: its origin;
-- the destination whose attempt it is about; one whose attempt it touches, which is told no more
-- than that (a ~ before its id); of what is about no attempt those that have one that is active or
-- was closed, and of an erasure all.
WITH head AS (
  SELECT coalesce(max(l.local_position), 0) AS position FROM cpts.change_log l
), looked_at AS (
  SELECT l.local_position, l.aggregate_kind, l.aggregate_id, l.version, l.kind, l.recorded_at,
         l.lead_region, l.bytes, t.audience
    FROM cpts.change_log l
    LEFT JOIN LATERAL (
      SELECT string_agg(CASE WHEN p.is_touched THEN '~' ELSE '' END || p.cpts_id::text, ' ')
               AS audience
        FROM (SELECT o.cpts_id, bool_and(o.is_touched) AS is_touched
                FROM (SELECT r.origin_id AS cpts_id, false AS is_touched
                        FROM cpts.referral r
                       WHERE r.referral_id = l.aggregate_id
                         AND $6::boolean AND l.aggregate_kind = 'REFERRAL'
                      UNION ALL
                      SELECT a.destination_id,
                             a.first > 0 AND l.kind = 'REFERRAL_ACTED' AND a.place <> a.first
                        FROM (SELECT m.destination_id, m.version, m.place,
                                     m.ended_at IS NULL OR m.state = 'CLOSED' AS is_live,
                                     coalesce(min(nullif(m.place, 0)) OVER (), 0) AS first
                                FROM (SELECT n.destination_id, n.version, n.ended_at, n.state,
                                             position(convert_to(n.assignment_id::text, 'UTF8')
                                                      IN l.bytes) AS place
                                        FROM cpts.assignment n
                                       WHERE n.referral_id = l.aggregate_id
                                         AND $6::boolean
                                         AND l.aggregate_kind = 'REFERRAL') m) a
                       WHERE a.place > 0 OR a.version = l.version
                          OR (a.first = 0 AND (a.is_live OR l.kind = 'REFERRAL_ERASED'))) o
               GROUP BY o.cpts_id) p
    ) t ON true
   WHERE l.local_position > $1::bigint AND l.local_position <= $1::bigint + $2::bigint
     AND ($5::text = '' OR l.lead_region = $5::text OR strpos(t.audience, $5::text) > 0)
   ORDER BY l.local_position LIMIT $3::int
), found AS (
  SELECT a.local_position, a.aggregate_kind, a.aggregate_id, a.version, a.kind, a.recorded_at,
         a.lead_region, a.bytes, a.audience,
         sum(octet_length(a.bytes)) OVER (ORDER BY a.local_position ROWS UNBOUNDED PRECEDING)
           - octet_length(a.bytes) AS bytes_before
    FROM looked_at a
)
SELECT head.position, f.local_position, f.aggregate_kind, f.aggregate_id, f.version, f.kind,
       f.recorded_at, f.lead_region, f.bytes, f.audience
  FROM head
  LEFT JOIN found f ON f.bytes_before < $4::bigint
 ORDER BY f.local_position
