-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:funding_facts
-- What an entitlement is computed from, gathered and not judged:
-- server/domain/entitlement_rules.h and achievement.h have the rules.
-- Locks: writers of indicator values wait while the index is made.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

-- The locked values of a CPTS in a year, among those of all years and states. IS TRUE keeps other
-- statements away: the public's policy makes a row look so dear to judge that the planner would
-- read the whole index first, to learn which rows are locked.
CREATE INDEX cpts_indicator_value_cpts_id_valid_from_idx
  ON cpts.cpts_indicator_value (cpts_id, valid_from) WHERE (state = 'LOCKED') IS TRUE;

-- A CPTS at a time, by its key, whether one is asked for, a region or all: what is read grows
-- with what is asked, and no estimate of how many rows a policy leaves can spoil the plan.
CREATE FUNCTION cpts.funding_facts(year int, as_of date, known timestamptz)
  RETURNS TABLE (cpts_id uuid, version int, name text, lead_region text, synthetic boolean,
    letter_on date, project_on date, signed_on date, renewed_on date, ended_on date,
    letter_size int, size_class int, population_count int, mission_steps text,
    crisis_facts text, locked_values text, step_tables text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT c.cpts_id, c.version, c.name, coalesce(l.region, c.lead_region), c.synthetic,
         s.letter_on, s.project_on, s.signed_on, w.renewed_on, s.ended_on,
         right(zl.code, 1)::int, right(z.code, 1)::int, p.population, m.steps, k.facts,
         v.locked, t.tables
    FROM cpts.cpts c
   CROSS JOIN LATERAL (
         SELECT make_date(funding_facts.year, 1, 1) AS first_on,
                least(funding_facts.as_of, make_date(funding_facts.year, 12, 31)) AS last_on) y
    LEFT JOIN cpts.lead_on(least(funding_facts.as_of, make_date(funding_facts.year, 12, 31)),
                           funding_facts.known) l ON l.cpts_id = c.cpts_id
   CROSS JOIN LATERAL (
         SELECT min(f.valid_from) FILTER (WHERE f.stage = 'LETTRE_INTENTION') AS letter_on,
                min(f.valid_from) FILTER (WHERE f.stage = 'PROJET_VALIDE') AS project_on,
                min(f.valid_from) FILTER (WHERE f.stage = 'ACI_SIGNE') AS signed_on,
                min(f.valid_from) FILTER (WHERE f.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS',
                  'NON_RENOUVELE')) AS ended_on,
                CASE WHEN count(*) > 0
                       THEN least(funding_facts.as_of,
                                  greatest(y.first_on, min(f.valid_from)
                                                         FILTER (WHERE f.stage = 'ACI_SIGNE')))
                END AS size_on
           FROM cpts.cpts_stage f
          WHERE f.cpts_id = c.cpts_id AND f.valid_from <= y.last_on
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) s
   CROSS JOIN LATERAL (
         SELECT round(sum(f.population_count)
                        FILTER (WHERE f.valid_from <= s.letter_on AND f.valid_to > s.letter_on))::int
                  AS letter_population,
                round(sum(f.population_count)
                        FILTER (WHERE f.valid_from <= s.size_on AND f.valid_to > s.size_on))::int
                  AS population
           FROM cpts.cpts_population f
          WHERE f.cpts_id = c.cpts_id
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) p
    LEFT JOIN cpts.size_class z
      ON z.valid_from <= s.size_on AND z.valid_to > s.size_on AND p.population > 0
     AND z.population_min <= p.population
     AND coalesce(z.population_max, 2000000000) > p.population
    LEFT JOIN cpts.size_class zl
      ON zl.valid_from <= s.letter_on AND zl.valid_to > s.letter_on AND p.letter_population > 0
     AND zl.population_min <= p.letter_population
     AND coalesce(zl.population_max, 2000000000) > p.letter_population
   CROSS JOIN LATERAL (
         SELECT max(f.valid_from) AS renewed_on
           FROM cpts.cpts_milestone f
          WHERE f.cpts_id = c.cpts_id AND f.kind = 'ACI_RENOUVELE' AND f.valid_from <= y.last_on
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) w
   CROSS JOIN LATERAL (
         SELECT string_agg(concat_ws(' ', f.valid_from, f.version, f.mission, f.status), ',')
                  AS steps
           FROM cpts.cpts_mission f
          WHERE f.cpts_id = c.cpts_id AND f.valid_from <= y.last_on
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) m
   CROSS JOIN LATERAL (
         SELECT string_agg(concat_ws(' ', f.valid_from, f.version, f.kind), ',') AS facts
           FROM cpts.cpts_crisis f
          WHERE f.cpts_id = c.cpts_id AND f.valid_from <= y.last_on
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) k
   CROSS JOIN LATERAL (
         SELECT string_agg(concat_ws(' ', f.indicator, f.valid_from, f.valid_to, f.value), ',')
                  AS locked
           FROM cpts.cpts_indicator_value f
          WHERE s.signed_on IS NOT NULL AND f.cpts_id = c.cpts_id AND (f.state = 'LOCKED') IS TRUE
            AND f.valid_from >= y.first_on AND f.valid_from <= y.last_on
            AND f.valid_to <= y.last_on + 1
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) v
   CROSS JOIN LATERAL (
         SELECT string_agg(concat_ws(' ', f.indicator, f.valid_from, f.version, f.step_list,
                                     CASE WHEN f.valid_to < 'infinity' THEN f.valid_to END), ',')
                  AS tables
           FROM cpts.cpts_indicator_target f
          WHERE v.locked IS NOT NULL AND f.cpts_id = c.cpts_id
            AND f.valid_from <= y.last_on AND f.valid_to > y.first_on
            AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known) t
   WHERE c.created_at <= funding_facts.known;
END;
COMMENT ON FUNCTION cpts.funding_facts(int, date, timestamptz)
  IS 'What an entitlement of a year is computed from, a row a CPTS: facts true by least(as_of, 31 December), as believed at an instant; lead_region the one that led it then. One statement reads one CPTS, others a region or all of them. The last four are lists, commas between, in no order, NULL when empty (a board of 2,000 CPTS has no time to sort arrays): steps "date version mission status", facts "date version kind", locked values of the year over by then "indicator from to value" (of a CPTS that signed the ACI: nobody else is paid for any), step tables "indicator from version thresholds amounts_cents [to]", semicolons between thresholds and between amounts, no last word when it has no end. Which value counts, which table judges it and which step is reached is for the server.';

CREATE FUNCTION cpts.funding_indicators(year int) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT string_agg(concat_ws(' ', i.code, i.mission, i.direction, i.valid_from,
                              CASE WHEN i.valid_to < 'infinity' THEN i.valid_to END), ',')
    FROM cpts.indicator i
   WHERE i.valid_from <= make_date(funding_indicators.year, 12, 31)
     AND i.valid_to > make_date(funding_indicators.year, 1, 1);
END;
COMMENT ON FUNCTION cpts.funding_indicators(int)
  IS 'The indicators defined in a year, as a list: "code mission direction from [to]", commas between, in no order, no last word while it stands.';

COMMIT;
