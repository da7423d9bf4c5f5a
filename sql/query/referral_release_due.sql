-- The next period whose figures of referrals are to be released: over for so many days, not
-- released, not more than five years ago, and not before the first one released or, before
-- that, the first referral.
-- $1 days (int)
-- Gives one row at most: 0 period, 1 'QUARTER' or 'YEAR', 2 first day, 3 last day.
SELECT p.period, p.kind, p.first_day, p.last_day
  FROM (SELECT coalesce((SELECT min(r.first_day)::timestamp FROM cpts.referral_release r),
                        (SELECT min(r.created_at) AT TIME ZONE 'UTC' FROM cpts.referral r)) AS since,
               now() AT TIME ZONE 'UTC' AS today) a
 CROSS JOIN LATERAL (SELECT a.today, greatest(a.since, a.today - interval '5 years') AS first_at
                      WHERE a.since IS NOT NULL) b
 CROSS JOIN LATERAL (
       SELECT to_char(q, 'YYYY"-T"Q') AS period, 'QUARTER' AS kind, q::date AS first_day,
              (q + interval '3 months')::date - 1 AS last_day
         FROM generate_series(date_trunc('quarter', b.first_at), b.today, interval '3 months') q
       UNION ALL
       SELECT to_char(y, 'YYYY'), 'YEAR', y::date, (y + interval '1 year')::date - 1
         FROM generate_series(date_trunc('year', b.first_at), b.today, interval '1 year') y) p
 WHERE p.last_day + $1::int < b.today::date
   AND NOT EXISTS (SELECT FROM cpts.referral_release r WHERE r.period = p.period)
 ORDER BY p.last_day, p.kind LIMIT 1
