-- Figures of referrals submitted in a period: one's own of any days, or what was released.
-- $1 grouping ('' = one row)  $2 CPTS (uuid, NULL = all)  $3 lead region of the origin ('' = all)
-- $4 first day (date)         $5 last day (date)          $6 use case ('' = all)
-- of a release: $7 quarter or year ('' = the newest quarter)  $8 cube  $9 level (int)
-- Gives one row at least: 0 the CPTS is known, or none was named, 1 one's own figures, 2 that
-- quarter was released, or all four of that year, 3 its name, 4 when (microseconds), 5 first day,
-- 6 last day, 7 threshold, 8 key (NULL = no row), 9 name, 10 submitted, 11 open, 12 to reassign,
-- 13 fulfilled, 14 abandoned, 15 purged, 16 unroutable, 17 attempts, 18 accepted, 19 declined,
-- 20 for want of capacity, 21 given back, 22 and 23 delay of acceptance p50 and p90 (seconds),
-- 24 reported, 25 and 26 delay of reports p50 and p90, 27 overdue, 28 debt (days), 29 synthetic,
-- 30 newest (microseconds). Of a release, NULL = held back.
WITH asked AS (
  SELECT $2::uuid IS NULL OR EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = $2::uuid) AS is_known,
         CASE WHEN $2::uuid IS NOT NULL AND $2::uuid = cpts.scope_cpts() THEN true
              WHEN $3::text <> '' THEN $3::text = coalesce(cpts.scope_region(), '')
              WHEN $1::text = 'DESTINATION' THEN false
              ELSE EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = $2::uuid
                              AND c.lead_region = cpts.scope_region()) END AS is_own
), chosen AS (
  SELECT r.period, r.first_day, r.last_day, r.threshold_count, r.synthetic, r.known_at, r.released_at
    FROM cpts.referral_release r
   WHERE CASE WHEN $7::text = '' THEN r.period = (SELECT max(x.period) FROM cpts.referral_release x
                                                   WHERE x.period LIKE '____-T_')
              WHEN length($7::text) = 4 THEN r.period LIKE $7::text || '-T_'
              ELSE r.period = $7::text END
), release AS (
  SELECT count(*) = CASE WHEN length($7::text) = 4 THEN 4 WHEN $7::text = '' THEN count(*) ELSE 1 END
           AS is_whole,
         CASE WHEN $7::text = '' THEN coalesce(max(c.period), '') ELSE $7::text END AS period,
         cpts.unix_us(max(c.released_at)) AS released_us, min(c.first_day) AS first_day,
         max(c.last_day) AS last_day, max(c.threshold_count) AS threshold_count,
         bool_or(c.synthetic) AS synthetic, max(c.known_at) AS newest
    FROM chosen c
), cell AS (
  SELECT f.key, (array_agg(f.parent_key ORDER BY f.period DESC))[1] AS parent_key, n.place,
         CASE WHEN NOT bool_or(n.count IS NULL)
                   AND (length($7::text) <> 4 OR n.place NOT IN (13, 14, 16, 17))
              THEN sum(n.count)::bigint END AS count
    FROM chosen c
    JOIN cpts.referral_figure f
      ON f.period = c.period AND f.cube = $8::text AND f.level = $9::int
   CROSS JOIN LATERAL unnest(f.counts) WITH ORDINALITY AS n(count, place)
   WHERE $2::uuid IS NULL OR f.key = $2::uuid::text
   GROUP BY f.key, n.place
), told AS (
  SELECT c.key, array_agg(c.count ORDER BY c.place) AS counts
    FROM cell c
   WHERE $3::text = '' OR $3::text = CASE $9::int WHEN 1 THEN c.key ELSE c.parent_key END
   GROUP BY c.key
), figure AS (
  SELECT f.key, f.submitted, f.open, f.to_reassign, f.fulfilled, f.abandoned, f.purged, f.unroutable,
         f.attempts, f.accepted, f.declined, f.declined_capacity, f.given_back, f.accept_p50,
         f.accept_p90, f.reported, f.report_p50, f.report_p90, f.overdue, f.debt_days, f.synthetic,
         f.newest
    FROM asked a
    JOIN cpts.referral_figures($1::text, $2::uuid, $3::text, $4::date, $5::date, $6::text) f
      ON a.is_own
  UNION ALL
  SELECT t.key, t.counts[1], t.counts[2], t.counts[3], t.counts[4], t.counts[5], t.counts[6],
         t.counts[7], t.counts[8], t.counts[9], t.counts[10], t.counts[11], t.counts[12],
         t.counts[13], t.counts[14], t.counts[15], t.counts[16], t.counts[17], t.counts[18],
         t.counts[19], r.synthetic, r.newest
    FROM asked a
    JOIN release r ON r.is_whole AND NOT a.is_own
    JOIN told t ON true
)
SELECT a.is_known, a.is_own, r.is_whole, r.period, r.released_us, r.first_day, r.last_day,
       r.threshold_count, f.key, coalesce(o.name, g.name, ''), f.submitted, f.open, f.to_reassign,
       f.fulfilled, f.abandoned, f.purged, f.unroutable, f.attempts, f.accepted, f.declined,
       f.declined_capacity, f.given_back, f.accept_p50, f.accept_p90, f.reported, f.report_p50,
       f.report_p90, f.overdue, f.debt_days, f.synthetic, cpts.unix_us(f.newest)
  FROM asked a
 CROSS JOIN release r
  LEFT JOIN figure f ON true
  LEFT JOIN cpts.cpts o ON length(f.key) = 36 AND o.cpts_id::text = f.key
  LEFT JOIN cpts.region g ON g.code = f.key
 ORDER BY f.key
