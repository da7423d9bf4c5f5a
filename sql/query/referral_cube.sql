-- The cells that figures of a period are released for, each below its total: the nation, regions
-- and CPTS that sent (ORIGIN) and that were asked (DESTINATION), use cases; or communes,
-- départements and regions of needs that found nobody. Every CPTS is there, those without a
-- referral too.
-- A CPTS is below the region that led it on the last day.
-- $1 'QUARTER' or 'YEAR'  $2 first day (date)  $3 last day (date)
-- Gives: 0 cube, 1 level, 2 key, 3 key of its total; 4 submitted (of a commune: its unmet needs),
-- 5 open, 6 to reassign, 7 fulfilled, 8 abandoned, 9 purged, 10 unroutable, 11 attempts,
-- 12 accepted, 13 declined, 14 for want of capacity, 15 given back, 16 and 17 delay of acceptance
-- p50 and p90 (seconds), 18 reported, 19 and 20 delay of reports p50 and p90, 21 overdue,
-- 22 debt (days), 23 synthetic, 24 newest (microseconds). Counts of totals are left to add up.
SELECT c.cube, c.level, c.key, c.parent_key, f.submitted, f.open, f.to_reassign, f.fulfilled,
       f.abandoned, f.purged, f.unroutable, f.attempts, f.accepted, f.declined, f.declined_capacity,
       f.given_back, f.accept_p50, f.accept_p90, f.reported, f.report_p50, f.report_p90, f.overdue,
       f.debt_days, f.synthetic, cpts.unix_us(f.newest)
  FROM (SELECT k.cube, k.level, k.by_what, k.key, k.parent_key
          FROM (VALUES ('ORIGIN', 'ORIGIN', 'REGION'),
                       ('DESTINATION', 'DESTINATION', 'DESTINATION_REGION')) AS w(cube, cpts, region)
         CROSS JOIN LATERAL (
               SELECT w.cube, 0 AS level, '' AS by_what, '' AS key, '' AS parent_key
               UNION ALL
               SELECT DISTINCT w.cube, 1, w.region, coalesce(l.region, x.lead_region), ''
                 FROM cpts.cpts x
                 LEFT JOIN cpts.lead_on($3::date, cpts.known_at(NULL)) l ON l.cpts_id = x.cpts_id
               UNION ALL
               SELECT w.cube, 2, w.cpts, x.cpts_id::text, coalesce(l.region, x.lead_region)
                 FROM cpts.cpts x
                 LEFT JOIN cpts.lead_on($3::date, cpts.known_at(NULL)) l
                   ON l.cpts_id = x.cpts_id) k
        UNION ALL
        SELECT 'USE_CASE', 0, '', '', ''
        UNION ALL
        SELECT 'USE_CASE', 1, 'USE_CASE', u.code, ''
          FROM unnest(ARRAY['MEDECIN_TRAITANT', 'PARCOURS', 'SNP']) AS u(code)) c
  LEFT JOIN (SELECT g.by_what, s.key, s.submitted, s.open, s.to_reassign, s.fulfilled, s.abandoned,
                    s.purged, s.unroutable, s.attempts, s.accepted, s.declined, s.declined_capacity,
                    s.given_back, s.accept_p50, s.accept_p90, s.reported, s.report_p50,
                    s.report_p90, s.overdue, s.debt_days, s.synthetic, s.newest
               FROM unnest(ARRAY['', 'REGION', 'ORIGIN', 'DESTINATION', 'DESTINATION_REGION',
                                 'USE_CASE']) AS g(by_what)
              CROSS JOIN LATERAL cpts.referral_figures(g.by_what, NULL, '', $2::date, $3::date, '')
                AS s) f ON f.by_what = c.by_what AND f.key = c.key
 WHERE $1::text = 'QUARTER'
UNION ALL
SELECT 'COMMUNE', l.level, l.key, l.parent_key, sum(u.unmet), NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, bool_or(u.synthetic),
       cpts.unix_us(max(u.newest))
  FROM cpts.unmet_demand($2::date, $3::date) u
 CROSS JOIN LATERAL (VALUES (0, '', ''), (1, u.region, ''), (2, u.department, u.region),
                            (3, u.unit_code, u.department)) AS l(level, key, parent_key)
 WHERE $1::text = 'YEAR'
 GROUP BY l.level, l.key, l.parent_key
 ORDER BY 1, 2, 4, 3
