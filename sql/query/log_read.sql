-- Reads the log after a position, in order, for those who follow it.
-- $1 position (bigint)                $2 positions to look at, at most (bigint)
-- $3 rows at most (int)               $4 bytes at most, one row in any case (bigint)
-- $5 lead region, or with $6 a CPTS that takes part (text; empty = all)
-- $6 tells who takes part in referrals (boolean)
-- Gives the head of the log in every row, and one row without a change when
-- there is none. Columns: enum log_column of store/log_reader.h; asked for in
-- binary, so that an instant is no text either.
WITH head AS (
  SELECT coalesce(max(l.local_position), 0) AS position FROM cpts.change_log l
), looked_at AS (
  SELECT l.local_position, l.aggregate_kind, l.aggregate_id, l.version, l.kind, l.recorded_at,
         l.lead_region, l.bytes
    FROM cpts.change_log l
   WHERE l.local_position > $1::bigint AND l.local_position <= $1::bigint + $2::bigint
     AND ($5::text = '' OR l.lead_region = $5::text
          OR ($6::boolean AND l.aggregate_kind = 'REFERRAL' AND EXISTS (
                SELECT FROM cpts.referral r
                 WHERE r.referral_id = l.aggregate_id AND $5::text = ANY (r.parties::text[]))))
   ORDER BY l.local_position LIMIT $3::int
), found AS (
  SELECT a.local_position, a.aggregate_kind, a.aggregate_id, a.version, a.kind, a.recorded_at,
         a.lead_region, a.bytes,
         sum(octet_length(a.bytes)) OVER (ORDER BY a.local_position ROWS UNBOUNDED PRECEDING)
           - octet_length(a.bytes) AS bytes_before
    FROM looked_at a
)
SELECT head.position, f.local_position, f.aggregate_kind, f.aggregate_id, f.version, f.kind,
       f.recorded_at, f.lead_region, f.bytes,
       CASE WHEN $6::boolean AND f.aggregate_kind = 'REFERRAL'
            THEN (SELECT array_to_string(r.parties, ' ') FROM cpts.referral r
                   WHERE r.referral_id = f.aggregate_id) END
  FROM head
  LEFT JOIN found f ON f.bytes_before < $4::bigint
 ORDER BY f.local_position
