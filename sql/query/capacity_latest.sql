-- The latest known week of each of some CPTS: what referrals are steered by.
-- $1 cpts_ids (uuid[])  $2 today (date)
-- Gives a row a CPTS that has any: 0 cpts_id, 1 Monday of its latest week that is not after
-- today's, 2 days since that week ended (0 while it lasts), 3 SNP slots (NULL = not known),
-- 4 places (NULL = not known).
SELECT w.cpts_id, w.valid_from, greatest(0, $2::date - w.valid_from - 6) AS age_days,
       sum(f.counted) FILTER (WHERE f.kind = 'SNP_SLOTS') AS snp_slot_count,
       sum(f.counted) FILTER (WHERE f.kind = 'PLACES') AS place_count
  FROM (SELECT i.cpts_id, l.valid_from
          FROM unnest($1::uuid[]) AS i (cpts_id)
         CROSS JOIN LATERAL (
           SELECT t.valid_from
             FROM cpts.cpts_capacity t
            WHERE t.cpts_id = i.cpts_id AND t.valid_from <= $2::date
              AND t.recorded_to = 'infinity' AND t.kind IN ('SNP_SLOTS', 'PLACES')
            ORDER BY t.valid_from DESC LIMIT 1) l) w
  JOIN cpts.cpts_capacity f
    ON f.cpts_id = w.cpts_id AND f.valid_from = w.valid_from AND f.recorded_to = 'infinity'
   AND f.kind IN ('SNP_SLOTS', 'PLACES')
 GROUP BY w.cpts_id, w.valid_from
