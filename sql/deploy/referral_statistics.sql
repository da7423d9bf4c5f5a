-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_statistics
-- Figures of referrals: counts and delays, never a referral. The functions run as
-- their owner, because who may see figures sees no referral. What others than
-- the parties are told is released once a period and kept: the server decides for
-- a whole period what is held back (server/domain/figure_cube), so that no two
-- answers, of two filters or of two days, can be taken from each other.
-- Locks: new tables and functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.referral_figures(by_what text, of_cpts uuid, of_region text, from_day date,
    to_day date, of_use_case text)
  RETURNS TABLE (key text, submitted bigint, open bigint, to_reassign bigint, fulfilled bigint,
    abandoned bigint, purged bigint, unroutable bigint, attempts bigint, accepted bigint,
    declined bigint, declined_capacity bigint, given_back bigint, accept_p50 double precision,
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
           CASE by_what WHEN 'DESTINATION' THEN a.destination_id::text
                WHEN 'DESTINATION_REGION' THEN coalesce(l.region, d.lead_region) ELSE c.key END AS key
      FROM chosen c
      JOIN cpts.assignment a ON a.referral_id = c.referral_id
      LEFT JOIN cpts.cpts d ON by_what = 'DESTINATION_REGION' AND d.cpts_id = a.destination_id
      LEFT JOIN cpts.lead_on(to_day, cpts.known_at(NULL)) l
        ON by_what = 'DESTINATION_REGION' AND l.cpts_id = a.destination_id
     WHERE a.state <> 'ENTERED_IN_ERROR' AND NOT a.entered_in_error
       AND (by_what <> 'DESTINATION' OR of_cpts IS NULL OR a.destination_id = of_cpts)
  ), piece AS MATERIALIZED (
    SELECT c.*, c.key AS piece_key FROM chosen c WHERE by_what NOT LIKE 'DESTINATION%'
    UNION ALL
    SELECT c.*, d.key
      FROM chosen c
      JOIN (SELECT DISTINCT a.referral_id, a.key FROM attempt a) d ON d.referral_id = c.referral_id
     WHERE by_what LIKE 'DESTINATION%'
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
           count(*) FILTER (WHERE a.state = 'DECLINED' AND a.accepted_at IS NULL) AS declined,
           count(*) FILTER (WHERE a.state = 'DECLINED' AND a.accepted_at IS NULL
                                  AND a.reason = 'CAPACITY') AS declined_capacity,
           count(*) FILTER (WHERE a.state = 'DECLINED' AND a.accepted_at IS NOT NULL)
             AS given_back,
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
         coalesce(t.declined_capacity, 0), coalesce(t.given_back, 0), t.accept_p50, t.accept_p90,
         coalesce(t.reported, 0), t.report_p50, t.report_p90, c.overdue, c.debt_days, c.synthetic,
         c.newest
    FROM counted c
    LEFT JOIN tried t ON t.key = c.key;
END;
COMMENT ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text)
  IS 'Figures of referrals submitted in a period, by region, origin, destination or its region, use case or day: volumes, decisions, delays in seconds, loops left open. What was recorded by mistake is left out; a referral that was purged counts as submitted and as purged. SECURITY DEFINER: gives counts of what the caller does not see.';

CREATE FUNCTION cpts.unmet_demand(from_day date, to_day date)
  RETURNS TABLE (unit_code text, department text, region text, unmet bigint, synthetic boolean,
    newest timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH need AS (
    SELECT r.unit_code, r.synthetic, r.created_at
      FROM cpts.referral r
     WHERE r.created_at >= from_day::timestamp AT TIME ZONE 'UTC'
       AND r.created_at < (to_day + 1)::timestamp AT TIME ZONE 'UTC'
       AND NOT r.entered_in_error
       AND (r.unroutable
            OR (EXISTS (SELECT FROM cpts.assignment a
                         WHERE a.referral_id = r.referral_id AND a.state = 'DECLINED'
                           AND a.reason = 'CAPACITY')
                AND NOT EXISTS (SELECT FROM cpts.assignment a
                                 WHERE a.referral_id = r.referral_id
                                   AND a.accepted_at IS NOT NULL
                                   AND a.state NOT IN ('DECLINED', 'FAILED', 'REDIRECTED'))))
  )
  SELECT n.unit_code, u.department, u.region, count(*), bool_or(n.synthetic), max(n.created_at)
    FROM need n
   CROSS JOIN LATERAL cpts.unit_on(n.unit_code, to_day, cpts.known_at(NULL)) u
   GROUP BY n.unit_code, u.department, u.region;
END;
COMMENT ON FUNCTION cpts.unmet_demand(date, date)
  IS 'Communes whose needs of a period found nobody: unroutable, or declined for want of capacity and not taken since. SECURITY DEFINER: gives counts of what the caller does not see.';

CREATE TABLE cpts.referral_release (
  period          text        COLLATE "C" NOT NULL,
  first_day       date        NOT NULL,
  last_day        date        NOT NULL,
  threshold_count int         NOT NULL,
  synthetic       boolean     NOT NULL,
  known_at        timestamptz,
  released_at     timestamptz NOT NULL,
  CONSTRAINT referral_release_key PRIMARY KEY (period),
  CONSTRAINT referral_release_period_shape CHECK (period ~ '^[0-9]{4}(-T[1-4])?$'),
  CONSTRAINT referral_release_days CHECK (first_day <= last_day),
  CONSTRAINT referral_release_threshold_range CHECK (threshold_count >= 1)
);
COMMENT ON TABLE cpts.referral_release
  IS 'Periods whose figures were released: each once, never again. Quarters have figures of referrals, years the unmet demand of communes.';
COMMENT ON COLUMN cpts.referral_release.period IS 'A quarter 2026-T3 or a year 2026.';
COMMENT ON COLUMN cpts.referral_release.first_day IS 'First day of submission, UTC.';
COMMENT ON COLUMN cpts.referral_release.last_day IS 'Last day of submission, UTC.';
COMMENT ON COLUMN cpts.referral_release.threshold_count IS 'Counts below it were small then.';
COMMENT ON COLUMN cpts.referral_release.synthetic IS 'Synthetic referrals are counted.';
COMMENT ON COLUMN cpts.referral_release.known_at IS 'Instant of the newest referral counted; NULL = none.';
COMMENT ON COLUMN cpts.referral_release.released_at IS 'When; figures say what was so then.';

CREATE TABLE cpts.referral_figure (
  period     text     COLLATE "C" NOT NULL,
  cube       text     NOT NULL,
  level      int      NOT NULL,
  key        text     COLLATE "C" NOT NULL,
  parent_key text     COLLATE "C" NOT NULL,
  counts     bigint[] NOT NULL,
  CONSTRAINT referral_figure_key PRIMARY KEY (period, cube, level, key),
  CONSTRAINT referral_figure_cube_known
    CHECK (cube IN ('ORIGIN', 'DESTINATION', 'USE_CASE', 'COMMUNE')),
  CONSTRAINT referral_figure_level_range CHECK (level BETWEEN 0 AND 3),
  CONSTRAINT referral_figure_count CHECK (cardinality(counts) = 19)
);
COMMENT ON TABLE cpts.referral_figure
  IS 'What was released, as it is shown to everybody: what is held back is not here.';
COMMENT ON COLUMN cpts.referral_figure.period IS 'The release.';
COMMENT ON COLUMN cpts.referral_figure.cube
  IS 'How the nation is parted: by the CPTS that sent, by the CPTS that was asked, by use case; by commune of the need.';
COMMENT ON COLUMN cpts.referral_figure.level
  IS '0 nation · 1 region or use case · 2 CPTS or département · 3 commune.';
COMMENT ON COLUMN cpts.referral_figure.key IS 'Code or id at that level; empty for the nation.';
COMMENT ON COLUMN cpts.referral_figure.parent_key IS 'Key one level above.';
COMMENT ON COLUMN cpts.referral_figure.counts
  IS 'NULL = held back. Referrals submitted (of a commune: its unmet needs), open, to reassign, fulfilled, abandoned, purged, unroutable; attempts, accepted, declined, for want of capacity, given back; delay of acceptance p50, p90 (seconds); reported, delay of reports p50, p90; overdue, debt (days).';

CREATE FUNCTION cpts.referral_release_record(of_period text, first_on date, last_on date,
    threshold int, has_synthetic boolean, newest timestamptz, cubes text[], levels text[],
    keys text[], parent_keys text[], figures text[])
  RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RETURN 0;
  END IF;
  INSERT INTO cpts.referral_release (period, first_day, last_day, threshold_count, synthetic,
      known_at, released_at)
    VALUES (of_period, first_on, last_on, threshold, has_synthetic, newest, now())
    ON CONFLICT (period) DO NOTHING;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  INSERT INTO cpts.referral_figure (period, cube, level, key, parent_key, counts)
    SELECT of_period, f.cube, f.level::int, f.key, f.parent_key, f.counts::bigint[]
      FROM unnest(cubes, levels, keys, parent_keys, figures)
           AS f(cube, level, key, parent_key, counts);
  RETURN 1;
END
$$;
COMMENT ON FUNCTION cpts.referral_release_record(text, date, date, int, boolean, timestamptz, text[], text[], text[], text[], text[])
  IS 'Records a release, for scope * only; 0 when that period was released before, 1 when it is now. SECURITY DEFINER: cpts_app may only read what was released.';

REVOKE EXECUTE ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text),
  cpts.unmet_demand(date, date), cpts.referral_release_record(text, date, date, int, boolean,
  timestamptz, text[], text[], text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.referral_figures(text, uuid, text, date, date, text),
  cpts.unmet_demand(date, date), cpts.referral_release_record(text, date, date, int, boolean,
  timestamptz, text[], text[], text[], text[], text[]) TO cpts_app;
GRANT SELECT ON cpts.referral_release, cpts.referral_figure TO cpts_app;

COMMIT;
