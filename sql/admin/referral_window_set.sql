-- SPDX-License-Identifier: Apache-2.0
-- How long "within 24 hours" is in a region, from a date on: the clocks of that urgency run
-- proportionally longer or shorter for CPTS led there. The national rules stay as they are; one may
-- be set to 24 again. Daily repetitions stay daily. Safe to run again. Clocks already armed keep
-- their time.
--   psql -v region=75 -v hours=48 -v valid_from=2026-12-01 -v source='ARS, 12 October 2026' \
--     -f referral_window_set.sql
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL ROLE cpts_owner;
UPDATE cpts.referral_clock_rule
   SET valid_to = :'valid_from'
 WHERE region = :'region' AND urgency = 'WITHIN_24H' AND valid_from < :'valid_from'
   AND valid_to > :'valid_from';
INSERT INTO cpts.referral_clock_rule (region, kind, urgency, level, valid_from, minutes,
    working_days, source, confidence)
  SELECT :'region', r.kind, r.urgency, r.level, :'valid_from',
         CASE WHEN r.level = 3 OR r.minutes IS NULL THEN r.minutes
              ELSE greatest(1, r.minutes * :hours / 24) END,
         r.working_days, :'source', 'published'
    FROM cpts.referral_clock_rule r
   WHERE r.region = '' AND r.urgency = 'WITHIN_24H' AND r.valid_from <= :'valid_from'
     AND r.valid_to > :'valid_from'
  ON CONFLICT (kind, urgency, level, region, valid_from) DO UPDATE
    SET minutes = excluded.minutes, source = excluded.source;
COMMIT;
