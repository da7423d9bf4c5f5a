-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:funding_achieved
-- The function as change funding_lists made it.
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
         NULL::text
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
   WHERE c.created_at <= funding_facts.known;
END;
COMMENT ON FUNCTION cpts.funding_facts(int, date, timestamptz)
  IS 'What an entitlement of a year is computed from, a row a CPTS: facts true by least(as_of, 31 December), as believed at an instant. One statement reads one CPTS, another all of them; steps and facts are lists of "date version mission status" and "date version kind", commas between, in no order (a board of 2,000 CPTS has no time to sort arrays); achieved is a list of "mission cents", NULL until indicators give it.';

COMMIT;
