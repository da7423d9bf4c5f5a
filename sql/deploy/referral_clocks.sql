-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_clocks
-- How long the clocks of referrals run: rules, working days, time zones, and the one function that
-- says when a clock fires. Reference data; a rule of a region goes before the national one.
-- Locks: new tables and functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.referral_clock_rule (
  region       text                     COLLATE "C" NOT NULL DEFAULT '',
  kind         cpts.referral_clock_kind NOT NULL,
  urgency      cpts.referral_urgency    NOT NULL,
  level        cpts.overdue_level       NOT NULL,
  valid_from   date                     NOT NULL,
  valid_to     date                     NOT NULL DEFAULT 'infinity',
  minutes      int,
  working_days int,
  source       text                     NOT NULL,
  confidence   text                     NOT NULL,
  CONSTRAINT referral_clock_rule_key PRIMARY KEY (kind, urgency, level, region, valid_from),
  CONSTRAINT referral_clock_rule_valid CHECK (valid_from < valid_to),
  CONSTRAINT referral_clock_rule_one_length CHECK ((minutes IS NULL) <> (working_days IS NULL)),
  CONSTRAINT referral_clock_rule_minutes_range CHECK (minutes BETWEEN 1 AND 525600),
  CONSTRAINT referral_clock_rule_working_days_range CHECK (working_days BETWEEN 1 AND 250),
  CONSTRAINT referral_clock_rule_confidence_known CHECK (confidence IN ('law', 'contract',
    'published', 'inferred', 'not_sourced'))
);
COMMENT ON TABLE cpts.referral_clock_rule
  IS 'How long each clock of a referral runs before it fires, and then until it fires again. What runs over is told, never ended. Reference data.';
COMMENT ON COLUMN cpts.referral_clock_rule.region IS 'Lead region whose own rule it is; empty for everybody else.';
COMMENT ON COLUMN cpts.referral_clock_rule.kind IS 'What the clock waits for.';
COMMENT ON COLUMN cpts.referral_clock_rule.urgency IS 'Urgency of the referral.';
COMMENT ON COLUMN cpts.referral_clock_rule.level IS 'Times it fired already: 0 until the first time; 3 repeats for ever.';
COMMENT ON COLUMN cpts.referral_clock_rule.valid_from IS 'First date in Paris on which a clock may be armed by it.';
COMMENT ON COLUMN cpts.referral_clock_rule.valid_to IS 'First date in Paris on which none is armed by it any more.';
COMMENT ON COLUMN cpts.referral_clock_rule.minutes IS 'Minutes by the clock, day and night; NULL when working days count.';
COMMENT ON COLUMN cpts.referral_clock_rule.working_days IS 'Working days, to the same local time; NULL when minutes count.';
COMMENT ON COLUMN cpts.referral_clock_rule.source IS 'Where the length comes from.';
COMMENT ON COLUMN cpts.referral_clock_rule.confidence IS 'law, contract, published, inferred, or not_sourced.';

CREATE TABLE cpts.referral_visit_limit (
  region     text                   COLLATE "C" NOT NULL DEFAULT '',
  urgency    cpts.referral_urgency NOT NULL,
  hours_max  int                   NOT NULL,
  source     text                  NOT NULL,
  confidence text                  NOT NULL,
  CONSTRAINT referral_visit_limit_key PRIMARY KEY (urgency, region),
  CONSTRAINT referral_visit_limit_hours_range CHECK (hours_max BETWEEN 1 AND 9600),
  CONSTRAINT referral_visit_limit_confidence_known CHECK (confidence IN ('law', 'contract',
    'published', 'inferred', 'not_sourced'))
);
COMMENT ON TABLE cpts.referral_visit_limit
  IS 'How far ahead a visit may be scheduled: the clocks wait for it, so that a later date would silence them. From the first date of an attempt on it is also how long moving, missing and setting dates may put its clocks off, all together. Reference data.';
COMMENT ON COLUMN cpts.referral_visit_limit.region IS 'Lead region whose own limit it is; empty for everybody else.';
COMMENT ON COLUMN cpts.referral_visit_limit.urgency IS 'Urgency of the referral.';
COMMENT ON COLUMN cpts.referral_visit_limit.hours_max IS 'Hours from now, at most.';
COMMENT ON COLUMN cpts.referral_visit_limit.source IS 'Where the limit comes from.';
COMMENT ON COLUMN cpts.referral_visit_limit.confidence IS 'law, contract, published, inferred, or not_sourced.';
INSERT INTO cpts.referral_visit_limit (urgency, hours_max, source, confidence) VALUES
  ('WITHIN_24H', 48, 'Referral model of this federation: a day to be seen, and one to rebook', 'inferred'),
  ('PRIORITY', 720, 'Referral model of this federation: 30 days', 'inferred'),
  ('ROUTINE', 9600, 'Referral model of this federation: 400 days, for yearly follow-up', 'inferred');

CREATE FUNCTION cpts.visit_hours_max(urgency text, region text) RETURNS int
  LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN coalesce((SELECT l.hours_max
                     FROM cpts.referral_visit_limit l
                    WHERE l.urgency = visit_hours_max.urgency
                      AND l.region IN ('', visit_hours_max.region)
                    ORDER BY l.region DESC LIMIT 1), 48);
END
$$;
COMMENT ON FUNCTION cpts.visit_hours_max(text, text)
  IS 'Hours ahead within which a visit is scheduled, for the CPTS of that lead region. Never NULL.';

CREATE TABLE cpts.region_time_zone (
  region    text COLLATE "C" NOT NULL,
  time_zone text NOT NULL,
  CONSTRAINT region_time_zone_key PRIMARY KEY (region),
  CONSTRAINT region_time_zone_shape CHECK (time_zone ~ '^[A-Z][A-Za-z]+/[A-Za-z0-9_+-]+$')
);
COMMENT ON TABLE cpts.region_time_zone
  IS 'Legal time of regions outside mainland Europe; every other one keeps that of Paris. Reference data.';
COMMENT ON COLUMN cpts.region_time_zone.region IS 'INSEE code of the region.';
COMMENT ON COLUMN cpts.region_time_zone.time_zone IS 'Name in the IANA time zone database.';

CREATE TABLE cpts.non_working_day (
  region text COLLATE "C" NOT NULL DEFAULT '',
  day    date NOT NULL,
  label  text NOT NULL,
  CONSTRAINT non_working_day_key PRIMARY KEY (region, day),
  CONSTRAINT non_working_day_label CHECK (label <> ''),
  CONSTRAINT non_working_day_range CHECK (day BETWEEN '2016-01-01' AND '2060-12-31')
);
COMMENT ON TABLE cpts.non_working_day
  IS 'Public holidays, 2016 to 2060, on whatever day of the week (Code du travail, L. 3133-1; overseas, L. 3422-2). Saturdays and Sundays are never working days and are not in it. Reference data; an operator may add a day.';
COMMENT ON COLUMN cpts.non_working_day.region
  IS 'Region where nobody works that day; empty for everywhere. What holds in a part of a region only, as Good Friday and 26 December in Alsace and Moselle, is not in it: there a clock tells a day early, and ends nothing.';
COMMENT ON COLUMN cpts.non_working_day.day IS 'The day.';
COMMENT ON COLUMN cpts.non_working_day.label IS 'Its name, in French.';

CREATE FUNCTION cpts.easter_sunday(of_year int) RETURNS date
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  century  int := of_year / 100;
  golden   int := of_year % 19;
  epact    int := (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;
  -- The two exceptions of the Gregorian lunar calendar.
  moon     int := epact - (epact / 28) * (1 - (29 / (epact + 1)) * ((21 - golden) / 11));
  weekday  int := (of_year + of_year / 4 + moon + 2 - century + century / 4) % 7;
BEGIN
  RETURN make_date(of_year, 3, 28) + (moon - weekday);
END
$$;
COMMENT ON FUNCTION cpts.easter_sunday(int)
  IS 'Easter Sunday of a Gregorian year (1583 and later), by the golden number and the epact.';

-- What every year has.
INSERT INTO cpts.non_working_day (region, day, label)
  SELECT '', d.day, string_agg(d.label, ', ' ORDER BY d.label)
    FROM generate_series(2016, 2060) AS y (year)
   CROSS JOIN LATERAL (VALUES
     (make_date(y.year, 1, 1), 'Jour de l''an'),
     (cpts.easter_sunday(y.year) + 1, 'Lundi de Pâques'),
     (make_date(y.year, 5, 1), 'Fête du Travail'),
     (make_date(y.year, 5, 8), 'Victoire 1945'),
     (cpts.easter_sunday(y.year) + 39, 'Ascension'),
     (cpts.easter_sunday(y.year) + 50, 'Lundi de Pentecôte'),
     (make_date(y.year, 7, 14), 'Fête nationale'),
     (make_date(y.year, 8, 15), 'Assomption'),
     (make_date(y.year, 11, 1), 'Toussaint'),
     (make_date(y.year, 11, 11), 'Armistice 1918'),
     (make_date(y.year, 12, 25), 'Noël')) AS d (day, label)
   GROUP BY d.day;
-- The abolition of slavery, by collectivity (décret 83-1003 of 23 November 1983 as amended).
INSERT INTO cpts.non_working_day (region, day, label)
  SELECT o.region, make_date(y.year, o.month, o.day), 'Abolition de l''esclavage'
    FROM generate_series(2016, 2060) AS y (year)
   CROSS JOIN (VALUES ('01', 5, 27), ('02', 5, 22), ('03', 6, 10), ('04', 12, 20), ('06', 4, 27),
                      ('977', 10, 9), ('978', 5, 28)) AS o (region, month, day);

CREATE FUNCTION cpts.weekdays_later(start_on date, day_count int) RETURNS date
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  weekday int := extract(isodow FROM start_on)::int;
BEGIN
  -- A weekend counts from its Friday.
  IF weekday > 5 THEN
    RETURN cpts.weekdays_later(start_on - (weekday - 5), day_count);
  END IF;
  RETURN start_on + day_count + 2 * ((weekday - 1 + day_count) / 5);
END
$$;
COMMENT ON FUNCTION cpts.weekdays_later(date, int)
  IS 'The date that many (from 1) Mondays to Fridays after another one.';

CREATE FUNCTION cpts.working_days_later(start_on date, day_count int, region text) RETURNS date
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  counted_on date := start_on;
  ends_on    date := cpts.weekdays_later(start_on, day_count);
  later_on   date;
  day_off_count int;
BEGIN
  LOOP
    SELECT count(*) INTO day_off_count
      FROM cpts.non_working_day n
     WHERE n.region IN ('', working_days_later.region) AND n.day > counted_on AND n.day <= ends_on
       AND extract(isodow FROM n.day) < 6
       AND NOT (n.region <> '' AND EXISTS (SELECT FROM cpts.non_working_day e
                                            WHERE e.region = '' AND e.day = n.day));
    EXIT WHEN day_off_count = 0;
    later_on := cpts.weekdays_later(ends_on, day_off_count);
    counted_on := ends_on;
    ends_on := later_on;
  END LOOP;
  RETURN ends_on;
END
$$;
COMMENT ON FUNCTION cpts.working_days_later(date, int, text)
  IS 'The date that many working days (from 1) after another one, in that region: one look at the calendar, one more for each holiday on the way.';

CREATE FUNCTION cpts.referral_fire_at(kind text, urgency text, level int, region text,
    base timestamptz DEFAULT NULL) RETURNS timestamptz
  LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
  start_at   timestamptz := coalesce(base, cpts.log_now());
  start_on   date := (start_at AT TIME ZONE 'Europe/Paris')::date;
  rule       record;
  zone       text;
  local_time timestamp;
BEGIN
  SELECT r.minutes, r.working_days INTO rule
    FROM cpts.referral_clock_rule r
   WHERE r.kind = referral_fire_at.kind AND r.urgency = referral_fire_at.urgency
     AND r.level = least(referral_fire_at.level, 3) AND r.region IN ('', referral_fire_at.region)
     AND r.valid_from <= start_on AND r.valid_to > start_on
   ORDER BY r.region DESC, r.valid_from DESC
   LIMIT 1;
  IF rule.working_days IS NULL THEN
    -- Without a rule, a day: a clock always fires.
    RETURN start_at + make_interval(mins => coalesce(rule.minutes, 1440));
  END IF;
  zone := coalesce((SELECT z.time_zone FROM cpts.region_time_zone z
                     WHERE z.region = referral_fire_at.region), 'Europe/Paris');
  local_time := start_at AT TIME ZONE zone;
  RETURN (cpts.working_days_later(local_time::date, rule.working_days, coalesce(region, ''))
          + local_time::time) AT TIME ZONE zone;
END
$$;
COMMENT ON FUNCTION cpts.referral_fire_at(text, text, int, text, timestamptz)
  IS 'When a clock fires that is armed now (cpts.log_now(), or from base on) after having fired `level` times, for the CPTS of that lead region. Working days end at the same local time. Never NULL.';

GRANT SELECT ON cpts.referral_clock_rule, cpts.referral_visit_limit, cpts.region_time_zone, cpts.non_working_day TO cpts_app;
GRANT EXECUTE ON FUNCTION cpts.referral_fire_at(text, text, int, text, timestamptz) TO cpts_app;

COMMIT;
