-- Figures of referrals submitted in a period.
-- $1 grouping ('' = one row)  $2 CPTS (uuid, NULL = all)  $3 lead region of the origin ('' = all)
-- $4 first day (date)         $5 last day (date)          $6 use case ('' = all)
-- Gives one row at least: 0 the CPTS is known, or none was named, 1 the caller's own figures,
-- 2 key (NULL = no referral), 3 name, 4 submitted, 5 open, 6 to reassign, 7 fulfilled,
-- 8 abandoned, 9 purged, 10 unroutable, 11 attempts, 12 accepted, 13 declined, 14 for want of
-- capacity, 15 decided, 16 and 17 delay of acceptance p50 and p90 (seconds), 18 reported,
-- 19 and 20 delay of reports p50 and p90, 21 overdue, 22 debt (days), 23 synthetic,
-- 24 newest (microseconds).
SELECT $2::uuid IS NULL OR EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = $2::uuid),
       CASE WHEN current_setting('app.scope') = '*' THEN true
            WHEN $2::uuid IS NOT NULL
            THEN $2::uuid = cpts.scope_cpts()
                 OR EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = $2::uuid
                               AND c.lead_region = cpts.scope_region())
            ELSE $3::text <> '' AND $3::text = coalesce(cpts.scope_region(), '') END,
       f.key, coalesce(o.name, g.name, ''), f.submitted, f.open, f.to_reassign, f.fulfilled, f.abandoned,
       f.purged, f.unroutable, f.attempts, f.accepted, f.declined, f.declined_capacity, f.decided,
       f.accept_p50, f.accept_p90, f.reported, f.report_p50, f.report_p90, f.overdue, f.debt_days,
       f.synthetic, cpts.unix_us(f.newest)
  FROM (VALUES (1)) one
  LEFT JOIN cpts.referral_figures($1::text, $2::uuid, $3::text, $4::date, $5::date, $6::text) f
    ON true
  LEFT JOIN cpts.cpts o ON $1::text IN ('ORIGIN', 'DESTINATION') AND o.cpts_id::text = f.key
  LEFT JOIN cpts.region g ON $1::text = 'REGION' AND g.code = f.key
 ORDER BY f.key
