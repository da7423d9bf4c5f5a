-- SPDX-License-Identifier: Apache-2.0
-- Ten years of indicators and two of weeks for every CPTS of the bench: 19 step
-- tables each, a value a year, submitted, approved and locked, all published. Those
-- with a contract carry their missions: five of them and the crisis plan.
SET app.scope = '*';

INSERT INTO cpts.cpts_indicator_target (cpts_id, version, indicator, thresholds, amounts_cents,
    published, lead_region, valid_from, recorded_from)
  SELECT c.cpts_id, i.rank, i.code, '{100,200,300}', '{100000,200000,300000}', true, c.lead_region,
         '2015-01-01', '2020-01-01Z'
    FROM cpts.cpts c
   CROSS JOIN (SELECT code, 100000 + row_number() OVER (ORDER BY code) AS rank
                 FROM cpts.indicator) i;

INSERT INTO cpts.cpts_indicator_value (cpts_id, version, indicator, period, value, state,
    lead_region, valid_from, valid_to, recorded_from, recorded_to)
  SELECT c.cpts_id, 100000 + s.step, i.code, y.year::text, 11 + abs(hashtext(c.cpts_id || i.code) % 300),
         s.state, c.lead_region, make_date(y.year, 1, 1), make_date(y.year + 1, 1, 1),
         '2020-01-01Z'::timestamptz + s.step * interval '1 day',
         CASE WHEN s.state = 'LOCKED' THEN 'infinity'
              ELSE '2020-01-02Z'::timestamptz + s.step * interval '1 day' END
    FROM cpts.cpts c
   CROSS JOIN cpts.indicator i
   CROSS JOIN generate_series(2015, 2024) AS y (year)
   CROSS JOIN (VALUES (0, 'SUBMITTED'), (1, 'APPROVED'), (2, 'LOCKED')) AS s (step, state);

INSERT INTO cpts.cpts_mission (cpts_id, version, mission, status, lead_region, valid_from,
    recorded_from)
  SELECT f.cpts_id, 100000 + m.rank, m.code, s.status, f.lead_region,
         greatest(f.valid_from, m.valid_from) + s.days, '2020-01-01Z'
    FROM cpts.cpts_stage f
   CROSS JOIN cpts.mission m
   CROSS JOIN (VALUES ('STARTED', 0), ('DEPLOYED', 400)) AS s (status, days)
   WHERE f.stage = 'ACI_SIGNE' AND m.obligation <> 'OPTIONAL';

INSERT INTO cpts.cpts_crisis (cpts_id, version, kind, lead_region, valid_from, recorded_from)
  SELECT f.cpts_id, 100000, 'PLAN_WRITTEN', f.lead_region, greatest(f.valid_from, '2021-12-20') + 30,
         '2020-01-01Z'
    FROM cpts.cpts_stage f
   WHERE f.stage = 'ACI_SIGNE';

INSERT INTO cpts.cpts_capacity (cpts_id, version, valid_from, valid_to, kind, area, counted,
    lead_region, recorded_from)
  SELECT c.cpts_id, 100000, w.monday, w.monday + 7, k.kind, k.area, 50, c.lead_region,
         w.monday::timestamptz
    FROM cpts.cpts c
   CROSS JOIN (SELECT '2024-01-01'::date + 7 * n AS monday FROM generate_series(0, 103) AS n) w
   CROSS JOIN (VALUES ('SNP_SLOTS', ''), ('DOCTOR_SLOTS', ''), ('PLACES', ''), ('SEEKERS', '75056'),
                      ('SEEKERS', '78646')) AS k (kind, area);

ANALYZE cpts.cpts_indicator_target, cpts.cpts_indicator_value, cpts.cpts_mission, cpts.cpts_crisis,
        cpts.cpts_capacity;
