-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_statistics
-- Figures of referrals: counts and delays, never a referral. The functions run as
-- their owner, because who may see figures sees no referral; what small counts
-- tell is left out by the server (server/domain/suppression).
-- Locks: new functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.referral_figures(by_what text, of_cpts uuid, of_region text, from_day date,
    to_day date, of_use_case text)
  RETURNS TABLE (key text, submitted bigint, open bigint, to_reassign bigint, fulfilled bigint,
    abandoned bigint, purged bigint, unroutable bigint, attempts bigint, accepted bigint,
    declined bigint, declined_capacity bigint, decided bigint, accept_p50 double precision,
    accept_p90 double precision, reported bigint, report_p50 double precision,
    report_p90 double precision, overdue bigint, debt_days double precision, synthetic boolean,
    newest timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT r.referral_id, r.status, r.erased, r.unroutable, r.synthetic, r.created_at, r.urgency,
           r.origin_region, r.origin_id, r.use_case, r.overdue,
           CASE by_what WHEN 'REGION' THEN r.origin_region WHEN 'ORIGIN' THEN r.origin_id::text
                WHEN 'USE_CASE' THEN r.use_case::text
                WHEN 'DAY' THEN ((r.created_at AT TIME ZONE 'UTC')::date)::text ELSE '' END AS key
      FROM cpts.referral r
     WHERE r.created_at >= from_day::timestamp AT TIME ZONE 'UTC'
       AND r.created_at < (to_day + 1)::timestamp AT TIME ZONE 'UTC'
       AND NOT r.entered_in_error
       AND (of_region = '' OR r.origin_region = of_region)
       AND (of_use_case = '' OR r.use_case = of_use_case)
       AND (of_cpts IS NULL OR CASE WHEN by_what = 'DESTINATION' THEN of_cpts = ANY (r.parties)
                                    ELSE r.origin_id = of_cpts END)
  ), attempt AS MATERIALIZED (
    SELECT c.referral_id, a.state, a.reason, a.submitted_at, a.accepted_at, a.reported_at,
           CASE WHEN by_what = 'DESTINATION' THEN a.destination_id::text ELSE c.key END AS key
      FROM chosen c
      JOIN cpts.assignment a ON a.referral_id = c.referral_id
     WHERE a.state <> 'ENTERED_IN_ERROR' AND NOT a.entered_in_error
       AND (by_what <> 'DESTINATION' OR of_cpts IS NULL OR a.destination_id = of_cpts)
  ), piece AS MATERIALIZED (
    SELECT c.*, c.key AS piece_key FROM chosen c WHERE by_what <> 'DESTINATION'
    UNION ALL
    SELECT c.*, d.key
      FROM chosen c
      JOIN (SELECT DISTINCT a.referral_id, a.key FROM attempt a) d ON d.referral_id = c.referral_id
     WHERE by_what = 'DESTINATION'
  ), late AS MATERIALIZED (
    SELECT c.referral_id, sum(greatest(0, extract(epoch FROM now() - cpts.referral_fire_at(
             k.kind, c.urgency, 0, c.origin_region, coalesce(a.state_at, e.ended_at, c.created_at)))
             / 86400)) AS days
      FROM chosen c
      JOIN cpts.referral_clock k ON k.referral_id = c.referral_id AND k.level > 0
      LEFT JOIN cpts.assignment a
        ON a.referral_id = k.referral_id AND a.assignment_id = k.assignment_id
     CROSS JOIN LATERAL (SELECT max(x.ended_at) AS ended_at FROM cpts.assignment x
                          WHERE x.referral_id = c.referral_id) e
     GROUP BY c.referral_id
  ), counted AS (
    SELECT p.piece_key AS key, count(*) AS submitted,
           count(*) FILTER (WHERE p.status = 'OPEN' AND NOT p.erased) AS open,
           count(*) FILTER (WHERE p.status = 'TO_REASSIGN' AND NOT p.erased) AS to_reassign,
           count(*) FILTER (WHERE p.status = 'FULFILLED' AND NOT p.erased) AS fulfilled,
           count(*) FILTER (WHERE p.status = 'ABANDONED' AND NOT p.erased) AS abandoned,
           count(*) FILTER (WHERE p.erased) AS purged,
           count(*) FILTER (WHERE p.unroutable) AS unroutable,
           count(l.referral_id) AS overdue, coalesce(sum(l.days), 0) AS debt_days,
           bool_or(p.synthetic) AS synthetic, max(p.created_at) AS newest
      FROM piece p
      LEFT JOIN late l ON l.referral_id = p.referral_id
     GROUP BY p.piece_key
  ), tried AS (
    SELECT a.key, count(*) AS attempts, count(a.accepted_at) AS accepted,
           count(*) FILTER (WHERE a.state = 'DECLINED') AS declined,
           count(*) FILTER (WHERE a.state = 'DECLINED' AND a.reason = 'CAPACITY')
             AS declined_capacity,
           count(*) FILTER (WHERE a.accepted_at IS NOT NULL OR a.state = 'DECLINED') AS decided,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY s.accepting) AS accept_p50,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY s.accepting) AS accept_p90,
           count(s.reporting) AS reported,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY s.reporting) AS report_p50,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY s.reporting) AS report_p90
      FROM attempt a
     CROSS JOIN LATERAL (
       SELECT extract(epoch FROM a.accepted_at - a.submitted_at)::double precision AS accepting,
              extract(epoch FROM a.reported_at - a.accepted_at)::double precision AS reporting) s
     GROUP BY a.key
  )
  SELECT c.key, c.submitted, c.open, c.to_reassign, c.fulfilled, c.abandoned, c.purged, c.unroutable,
         coalesce(t.attempts, 0), coalesce(t.accepted, 0), coalesce(t.declined, 0),
         coalesce(t.declined_capacity, 0), coalesce(t.decided, 0), t.accept_p50, t.accept_p90,
         coalesce(t.reported, 0), t.report_p50, t.report_p90, c.overdue, c.debt_days, c.synthetic,
         c.newest
    FROM counted c
    LEFT JOIN tried t ON t.key = c.key;
END;
COMMENT ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text)
  IS 'Figures of referrals submitted in a period, by region, origin, destination, use case or day: volumes, decisions, delays in seconds, loops left open. What was recorded by mistake is left out; a referral that was purged counts as submitted and as purged. SECURITY DEFINER: gives counts of what the caller does not see.';

CREATE FUNCTION cpts.unmet_demand(of_region text, of_department text, from_day date, to_day date,
    of_use_case text)
  RETURNS TABLE (unit_code text, name text, department text, region text, population_count int,
    unroutable bigint, declined_capacity bigint, synthetic boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH need AS (
    SELECT r.unit_code, r.unroutable, r.synthetic
      FROM cpts.referral r
     WHERE r.created_at >= from_day::timestamp AT TIME ZONE 'UTC'
       AND r.created_at < (to_day + 1)::timestamp AT TIME ZONE 'UTC'
       AND NOT r.entered_in_error
       AND (of_use_case = '' OR r.use_case = of_use_case)
       AND (r.unroutable
            OR (EXISTS (SELECT FROM cpts.assignment a
                         WHERE a.referral_id = r.referral_id AND a.state = 'DECLINED'
                           AND a.reason = 'CAPACITY')
                AND NOT EXISTS (SELECT FROM cpts.assignment a
                                 WHERE a.referral_id = r.referral_id
                                   AND a.accepted_at IS NOT NULL
                                   AND a.state NOT IN ('DECLINED', 'FAILED', 'REDIRECTED'))))
  )
  SELECT n.unit_code, u.name, u.department, u.region, u.population_count,
         count(*) FILTER (WHERE n.unroutable), count(*) FILTER (WHERE NOT n.unroutable),
         bool_or(n.synthetic)
    FROM need n
   CROSS JOIN LATERAL cpts.unit_on(n.unit_code, to_day, cpts.known_at(NULL)) u
   WHERE (of_region = '' OR u.region = of_region)
     AND (of_department = '' OR u.department = of_department)
   GROUP BY n.unit_code, u.name, u.department, u.region, u.population_count;
END;
COMMENT ON FUNCTION cpts.unmet_demand(text, text, date, date, text)
  IS 'Communes whose needs found nobody: unroutable, or declined for want of capacity and not taken since. SECURITY DEFINER: gives counts of what the caller does not see.';

REVOKE EXECUTE ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text),
  cpts.unmet_demand(text, text, date, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text),
  cpts.unmet_demand(text, text, date, date, text) TO cpts_app;

COMMIT;
