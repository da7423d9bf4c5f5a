-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:funding_achieved
-- What indicators achieved, for the variable parts of an entitlement: locked values
-- with their step tables. Columns stay, so that the function is replaced in place.
-- Locks: none that a running node would wait for.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE OR REPLACE FUNCTION cpts.funding_facts(year int, as_of date, known timestamptz)
  RETURNS TABLE (cpts_id uuid, version int, name text, lead_region text, synthetic boolean,
    letter_on date, project_on date, signed_on date, renewed_on date, ended_on date,
    letter_size int, size_class int, population_count int, mission_steps text,
    crisis_facts text, achieved text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT c.cpts_id, c.version, c.name, c.lead_region, c.synthetic,
         b.letter_on, b.project_on, b.signed_on, w.renewed_on, b.ended_on,
         right(zl.code, 1)::int, right(z.code, 1)::int, b.population, m.steps, k.facts,
         q.achieved
    FROM cpts.cpts c
    LEFT JOIN (SELECT s.cpts_id, s.letter_on, s.project_on, s.signed_on, s.ended_on, s.size_on,
                 round(sum(p.population_count)
                   FILTER (WHERE p.valid_from <= s.letter_on AND p.valid_to > s.letter_on))::int
                   AS letter_population,
                 round(sum(p.population_count)
                   FILTER (WHERE p.valid_from <= s.size_on AND p.valid_to > s.size_on))::int
                   AS population
            FROM (SELECT f.cpts_id,
                         min(f.valid_from) FILTER (WHERE f.stage = 'LETTRE_INTENTION') AS letter_on,
                         min(f.valid_from) FILTER (WHERE f.stage = 'PROJET_VALIDE') AS project_on,
                         min(f.valid_from) FILTER (WHERE f.stage = 'ACI_SIGNE') AS signed_on,
                         min(f.valid_from) FILTER (WHERE f.stage IN ('ABANDONNE', 'FUSIONNE',
                           'DISSOUS', 'NON_RENOUVELE')) AS ended_on,
                         least(funding_facts.as_of,
                               greatest(make_date(funding_facts.year, 1, 1),
                                        min(f.valid_from) FILTER (WHERE f.stage = 'ACI_SIGNE')))
                           AS size_on
                    FROM cpts.cpts_stage f
                   WHERE f.valid_from <= least(funding_facts.as_of,
                                               make_date(funding_facts.year, 12, 31))
                     AND f.recorded_from <= funding_facts.known
                     AND f.recorded_to > funding_facts.known
                   GROUP BY f.cpts_id) s
            LEFT JOIN cpts.cpts_population p
              ON p.cpts_id = s.cpts_id AND p.recorded_from <= funding_facts.known
             AND p.recorded_to > funding_facts.known
           GROUP BY s.cpts_id, s.letter_on, s.project_on, s.signed_on, s.ended_on, s.size_on) b
      ON b.cpts_id = c.cpts_id
    LEFT JOIN cpts.size_class z
      ON z.valid_from <= b.size_on AND z.valid_to > b.size_on AND b.population > 0
     AND z.population_min <= b.population
     AND coalesce(z.population_max, 2000000000) > b.population
    LEFT JOIN cpts.size_class zl
      ON zl.valid_from <= b.letter_on AND zl.valid_to > b.letter_on AND b.letter_population > 0
     AND zl.population_min <= b.letter_population
     AND coalesce(zl.population_max, 2000000000) > b.letter_population
    LEFT JOIN (SELECT f.cpts_id, max(f.valid_from) AS renewed_on
                 FROM cpts.cpts_milestone f
                WHERE f.kind = 'ACI_RENOUVELE'
                  AND f.valid_from <= least(funding_facts.as_of,
                                            make_date(funding_facts.year, 12, 31))
                  AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known
                GROUP BY f.cpts_id) w ON w.cpts_id = c.cpts_id
    LEFT JOIN (SELECT f.cpts_id, string_agg(concat_ws(' ', f.valid_from, f.version, f.mission,
                                                      f.status), ',') AS steps
                 FROM cpts.cpts_mission f
                WHERE f.valid_from <= least(funding_facts.as_of,
                                            make_date(funding_facts.year, 12, 31))
                  AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known
                GROUP BY f.cpts_id) m ON m.cpts_id = c.cpts_id
    LEFT JOIN (SELECT f.cpts_id, string_agg(concat_ws(' ', f.valid_from, f.version, f.kind), ',')
                        AS facts
                 FROM cpts.cpts_crisis f
                WHERE f.valid_from <= least(funding_facts.as_of,
                                            make_date(funding_facts.year, 12, 31))
                  AND f.recorded_from <= funding_facts.known AND f.recorded_to > funding_facts.known
                GROUP BY f.cpts_id) k ON k.cpts_id = c.cpts_id
    LEFT JOIN (SELECT a.cpts_id, string_agg(concat_ws(' ', a.mission, a.direction, a.value,
                        array_to_string(a.thresholds, ';'),
                        array_to_string(a.amounts_cents, ';')), ',') AS achieved
                 FROM (SELECT DISTINCT ON (v.cpts_id, v.indicator) v.cpts_id, i.mission,
                              i.direction, v.value, t.thresholds, t.amounts_cents
                         FROM cpts.cpts_indicator_value v
                         JOIN cpts.indicator i
                           ON i.code = v.indicator AND i.valid_from < v.valid_to
                          AND i.valid_to >= v.valid_to
                         JOIN cpts.cpts_indicator_target t
                           ON t.cpts_id = v.cpts_id AND t.indicator = v.indicator
                          AND t.valid_from < v.valid_to AND t.valid_to >= v.valid_to
                          AND t.recorded_from <= funding_facts.known
                          AND t.recorded_to > funding_facts.known
                        WHERE v.state = 'LOCKED'
                          AND v.valid_from >= make_date(funding_facts.year, 1, 1)
                          AND v.valid_to <= least(funding_facts.as_of,
                                                  make_date(funding_facts.year, 12, 31)) + 1
                          AND v.recorded_from <= funding_facts.known
                          AND v.recorded_to > funding_facts.known
                        ORDER BY v.cpts_id, v.indicator, v.valid_to DESC, v.valid_from,
                                 t.valid_from DESC, t.version DESC) a
                GROUP BY a.cpts_id) q ON q.cpts_id = c.cpts_id
   WHERE c.created_at <= funding_facts.known;
END;
COMMENT ON FUNCTION cpts.funding_facts(int, date, timestamptz)
  IS 'What an entitlement of a year is computed from, a row a CPTS: facts true by least(as_of, 31 December), as believed at an instant. One statement reads one CPTS, another all of them; steps and facts are lists of "date version mission status" and "date version kind", commas between, in no order (a board of 2,000 CPTS has no time to sort arrays); achieved is a list of "mission direction value thresholds amounts_cents", semicolons inside the last two, NULL when there is none: of each indicator one locked value, of the period of the year, over by as_of, that ends last, the longest of these, so that the whole year wins, among those that a step table holds for; its step table is the one of the last day of the period. Which step is reached is for the server.';

COMMIT;
