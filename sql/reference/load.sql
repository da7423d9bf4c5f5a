-- SPDX-License-Identifier: Apache-2.0
-- Loads the reference data of this folder in one transaction; safe to run
-- again: when nothing changed, no new version is minted.
-- Run by a superuser or cpts_owner with this folder as working directory:
--   psql -v ON_ERROR_STOP=1 -d DATABASE -f load.sql
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
-- A newer vintage is in force (cptsctl territory merge): these files are older.
SELECT coalesce(max(vintage), 0) > 2026 AS is_newer FROM cpts.reference_version \gset
\if :is_newer
\warn 'load.sql: a vintage after 2026 is in force: nothing was loaded'
\q
\endif
BEGIN;
SET LOCAL ROLE cpts_owner;

CREATE TEMPORARY TABLE region_csv (code text, name text, zone text) ON COMMIT DROP;
CREATE TEMPORARY TABLE department_csv (code text, name text, region text, zone text) ON COMMIT DROP;
CREATE TEMPORARY TABLE epci_csv (siren text, name text, type text, population int,
  lat double precision, lon double precision) ON COMMIT DROP;
CREATE TEMPORARY TABLE commune_csv (code text, name text, department text, region text, epci text,
  zone text, population int, lat double precision, lon double precision) ON COMMIT DROP;
CREATE TEMPORARY TABLE arrondissement_csv (code text, name text, parent text, department text,
  region text, population int) ON COMMIT DROP;
CREATE TEMPORARY TABLE old_code_csv (old_code text, code text) ON COMMIT DROP;
CREATE TEMPORARY TABLE old_name_csv (old_code text, name text, code text) ON COMMIT DROP;
CREATE TEMPORARY TABLE member_group_csv (code text, rank int, label text) ON COMMIT DROP;
CREATE TEMPORARY TABLE profession_csv (code text, label text, member_group text,
  national_code text, source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE structure_kind_csv (code text, label text, finess_category text,
  source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE member_composition_csv (member_group text, percent double precision,
  source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE aci_grid_version_csv (grid text, label text, valid_from date, valid_to date,
  base_grid text, advance_percent int, confidence text, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE aci_grid_csv (grid text, rank int, line text, part text, mission text,
  obligation text, size int, amount int, confidence text, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE aci_mission_csv (code text, rank int, label text, obligation text,
  valid_from date, valid_to date, confidence text, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE clock_rule_csv (kind text, mission text, valid_from date, valid_to date,
  months int, source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE mission_csv (mission text, obligation text, start_max_months_after_signature int,
  full_deployment_max_months int, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE series_csv (date date, date_precision text, scope text, stage text, count int,
  pop_covered_millions double precision, pop_covered_pct double precision, publisher text,
  confidence text, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE published_csv (date date, region_code text, region_or_dept text, measure text,
  value double precision, unit text, source text) ON COMMIT DROP;
CREATE TEMPORARY TABLE indicator_csv (code text, valid_from date, mission text, label text,
  kind text, direction text, unit text, counts_people boolean, provider text, example text,
  source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE capacity_objective_csv (valid_from date, snp_percent double precision,
  source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE referral_clock_rule_csv (region text, kind text, urgency text, level int,
  valid_from date, valid_to date, minutes int, working_days int, source text, confidence text)
  ON COMMIT DROP;
CREATE TEMPORARY TABLE region_time_zone_csv (region text, time_zone text) ON COMMIT DROP;
CREATE TEMPORARY TABLE referral_reason_csv (event text, code text, rank int, label text,
  fixed boolean, source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE pathway_template_csv (template text, version int, label text, use text,
  requester_wanted boolean, valid_from date, source text, confidence text) ON COMMIT DROP;
CREATE TEMPORARY TABLE pathway_step_csv (template text, version int, step text, rank int, label text,
  use_case text, urgency text, profession text, speciality text, previous text[], delay_days int)
  ON COMMIT DROP;

\copy region_csv FROM 'regions.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy department_csv FROM 'departments.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy epci_csv FROM 'epci.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy commune_csv FROM 'communes.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy arrondissement_csv FROM 'arrondissements_municipaux.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy old_code_csv FROM 'commune_old_codes.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy old_name_csv FROM 'commune_old_names.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy member_group_csv FROM 'member_groups.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy profession_csv FROM 'professions.csv' WITH (FORMAT csv, HEADER match, FORCE_NOT_NULL (national_code), ENCODING 'UTF8')
\copy structure_kind_csv FROM 'structure_kinds.csv' WITH (FORMAT csv, HEADER match, FORCE_NOT_NULL (finess_category), ENCODING 'UTF8')
\copy member_composition_csv FROM 'member_composition.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy aci_grid_version_csv FROM 'aci_grid_version.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy aci_grid_csv FROM 'aci_grid.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy aci_mission_csv FROM 'aci_mission.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy clock_rule_csv FROM 'clock_rules.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8', FORCE_NOT_NULL (mission))
\copy mission_csv FROM 'aci_mission_calendar.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy series_csv FROM 'cpts_series.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy published_csv FROM 'cpts_regions_published.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy indicator_csv FROM 'indicators.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8', FORCE_NOT_NULL (example))
\copy capacity_objective_csv FROM 'capacity_objectives.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy referral_clock_rule_csv FROM 'referral_clock_rules.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8', FORCE_NOT_NULL (region))
\copy region_time_zone_csv FROM 'region_time_zones.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy referral_reason_csv FROM 'referral_reasons.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy pathway_template_csv FROM 'pathway_templates.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')
\copy pathway_step_csv FROM 'pathway_steps.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8', FORCE_NOT_NULL (profession, speciality))

INSERT INTO cpts.region (code, name, zone, population_count)
  SELECT r.code, r.name, r.zone,
         coalesce((SELECT sum(c.population) FROM commune_csv c WHERE c.region = r.code), 0)
    FROM region_csv r
  ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, zone = excluded.zone, population_count = excluded.population_count;

INSERT INTO cpts.department (code, name, region, zone, population_count)
  SELECT d.code, d.name, d.region, d.zone,
         coalesce((SELECT sum(c.population) FROM commune_csv c WHERE c.department = d.code), 0)
    FROM department_csv d
  ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, region = excluded.region, zone = excluded.zone,
        population_count = excluded.population_count;

INSERT INTO cpts.epci (siren, name, kind, population_count, latitude, longitude)
  SELECT siren, name, type, population, lat, lon FROM epci_csv
  ON CONFLICT (siren) DO UPDATE
    SET name = excluded.name, kind = excluded.kind, population_count = excluded.population_count,
        latitude = excluded.latitude, longitude = excluded.longitude;

INSERT INTO cpts.territory_unit (code, kind, name, parent_code, is_leaf, department, region, epci,
    population_count, latitude, longitude, position_source)
  SELECT c.code, 'COMMUNE', c.name, NULL,
         NOT EXISTS (SELECT FROM arrondissement_csv a WHERE a.parent = c.code),
         c.department, c.region, nullif(c.epci, ''), c.population,
         coalesce(c.lat, e.lat), coalesce(c.lon, e.lon),
         CASE WHEN c.lat IS NOT NULL THEN 'geonames'
              WHEN e.lat IS NOT NULL THEN 'epci_approximate' ELSE 'none' END
    FROM commune_csv c
    LEFT JOIN epci_csv e ON e.siren = c.epci
  UNION ALL
  SELECT a.code, 'ARRONDISSEMENT', a.name, a.parent, true, a.department, a.region,
         nullif(p.epci, ''), a.population, p.lat, p.lon,
         CASE WHEN p.lat IS NOT NULL THEN 'epci_approximate' ELSE 'none' END
    FROM arrondissement_csv a
    JOIN commune_csv p ON p.code = a.parent
  ON CONFLICT (code) DO UPDATE
    SET kind = excluded.kind, name = excluded.name, parent_code = excluded.parent_code,
        is_leaf = excluded.is_leaf, department = excluded.department, region = excluded.region,
        epci = excluded.epci, population_count = excluded.population_count,
        latitude = excluded.latitude, longitude = excluded.longitude,
        position_source = excluded.position_source;

INSERT INTO cpts.unit_old_code (old_code, unit_code)
  SELECT o.old_code, o.code
    FROM old_code_csv o
   WHERE NOT EXISTS (SELECT FROM cpts.territory_unit u WHERE u.code = o.old_code)
  ON CONFLICT (old_code) DO UPDATE SET unit_code = excluded.unit_code;

INSERT INTO cpts.unit_old_name (old_code, name, unit_code)
  SELECT old_code, name, code FROM old_name_csv
  ON CONFLICT (old_code) DO UPDATE SET name = excluded.name, unit_code = excluded.unit_code;

INSERT INTO cpts.member_group (code, rank, label)
  SELECT code, rank, label FROM member_group_csv
  ON CONFLICT (code) DO UPDATE SET rank = excluded.rank, label = excluded.label;

INSERT INTO cpts.profession (code, label, member_group, national_code, source, confidence)
  SELECT code, label, member_group, national_code, source, confidence FROM profession_csv
  ON CONFLICT (code) DO UPDATE
    SET label = excluded.label, member_group = excluded.member_group,
        national_code = excluded.national_code, source = excluded.source,
        confidence = excluded.confidence;

INSERT INTO cpts.structure_kind (code, label, finess_category, source, confidence)
  SELECT code, label, finess_category, source, confidence FROM structure_kind_csv
  ON CONFLICT (code) DO UPDATE
    SET label = excluded.label, finess_category = excluded.finess_category,
        source = excluded.source, confidence = excluded.confidence;

INSERT INTO cpts.member_composition (member_group, percent, source, confidence)
  SELECT member_group, percent, source, confidence FROM member_composition_csv
  ON CONFLICT (member_group) DO UPDATE
    SET percent = excluded.percent, source = excluded.source, confidence = excluded.confidence;

SELECT cpts.populations_refresh();

-- The answer to health crises is a mission since avenant 2 to the ACI, of 20 December 2021.
INSERT INTO cpts.clock_rule (kind, mission, valid_from, valid_to, months, source, confidence)
  SELECT kind, mission, valid_from, valid_to, months, source, confidence FROM clock_rule_csv
  UNION ALL
  SELECT k.kind, m.mission,
         CASE m.mission WHEN 'crise_sanitaire' THEN date '2021-12-20' ELSE date '2019-06-20' END,
         'infinity', k.months, first_value(m.source) OVER (ORDER BY m.source = 'same'), 'published'
    FROM mission_csv m
   CROSS JOIN LATERAL (VALUES ('MISSION_START', m.start_max_months_after_signature),
                              ('MISSION_DEPLOYED', m.full_deployment_max_months)) AS k (kind, months)
   WHERE k.months IS NOT NULL
  ON CONFLICT (kind, mission, valid_from) DO UPDATE
    SET valid_to = excluded.valid_to, months = excluded.months, source = excluded.source,
        confidence = excluded.confidence;

INSERT INTO cpts.target (region, valid_from, cpts_count, source)
  VALUES ('', '2018-09-18', 1000, 'Ma santé 2022 (18 September 2018): 1000 CPTS by 2022')
  ON CONFLICT (region, valid_from) DO NOTHING;

INSERT INTO cpts.aci_grid (grid, label, valid_from, valid_to, base_grid, advance_percent, confidence,
    source)
  SELECT grid, label, valid_from, coalesce(valid_to, 'infinity'), base_grid, advance_percent,
         confidence, source
    FROM aci_grid_version_csv
   ORDER BY valid_from
  ON CONFLICT (grid) DO UPDATE
    SET label = excluded.label, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
        base_grid = excluded.base_grid, advance_percent = excluded.advance_percent,
        confidence = excluded.confidence, source = excluded.source;

INSERT INTO cpts.aci_line (grid, line, part, size, rank, mission, obligation, amount_cents,
    confidence, source)
  SELECT grid, line, part, size, rank, coalesce(mission, ''), obligation, amount::bigint * 100,
         confidence, source
    FROM aci_grid_csv
  ON CONFLICT (grid, line, part, size) DO UPDATE
    SET rank = excluded.rank, mission = excluded.mission, obligation = excluded.obligation,
        amount_cents = excluded.amount_cents, confidence = excluded.confidence,
        source = excluded.source;

INSERT INTO cpts.mission (code, rank, label, obligation, valid_from, valid_to, confidence, source)
  SELECT code, rank, label, obligation, valid_from, coalesce(valid_to, 'infinity'), confidence, source
    FROM aci_mission_csv
  ON CONFLICT (code) DO UPDATE
    SET rank = excluded.rank, label = excluded.label, obligation = excluded.obligation,
        valid_from = excluded.valid_from, valid_to = excluded.valid_to,
        confidence = excluded.confidence, source = excluded.source;

-- Counts of CPTS only; the shares of population of the regional file stay there.
-- Its codes are those of regions and of départements: the name tells which.
WITH published AS (
  SELECT s.scope, s.stage AS measure, s.date AS counted_on, coalesce(s.publisher, '') AS publisher,
         s.count AS cpts_count, s.date_precision,
         round(s.pop_covered_millions * 1000000)::bigint AS covered_population_count,
         s.pop_covered_pct AS covered_percent, s.confidence, s.source
    FROM series_csv s
  UNION ALL
  SELECT CASE WHEN p.region_or_dept LIKE 'dept %' THEN 'department:' ELSE 'region:' END
           || p.region_code,
         p.measure, p.date, '', p.value::int, 'not_stated', NULL, NULL,
         'published (confidence not stated)' || coalesce(' ' || substring(p.unit FROM '\(.*\)'), ''),
         p.source
    FROM published_csv p
   WHERE p.unit LIKE 'cpts%' AND p.region_code <> ''
), gone AS (
  DELETE FROM cpts.published_count c
   WHERE NOT EXISTS (SELECT FROM published p
                      WHERE p.scope = c.scope AND p.measure = c.measure
                        AND p.counted_on = c.counted_on AND p.publisher = c.publisher)
)
INSERT INTO cpts.published_count (scope, measure, counted_on, publisher, cpts_count, date_precision,
    covered_population_count, covered_percent, confidence, source)
  SELECT scope, measure, counted_on, publisher, cpts_count, date_precision,
         covered_population_count, covered_percent, confidence, source
    FROM published
  ON CONFLICT (scope, measure, counted_on, publisher) DO UPDATE
    SET cpts_count = excluded.cpts_count, date_precision = excluded.date_precision,
        covered_population_count = excluded.covered_population_count,
        covered_percent = excluded.covered_percent, confidence = excluded.confidence,
        source = excluded.source;

INSERT INTO cpts.indicator (code, valid_from, mission, label, kind, direction, unit, counts_people,
    provider, example, source, confidence)
  SELECT code, valid_from, mission, label, kind, direction, unit, counts_people, provider, example,
         source, confidence
    FROM indicator_csv
  ON CONFLICT (code, valid_from) DO UPDATE
    SET mission = excluded.mission, label = excluded.label, kind = excluded.kind,
        direction = excluded.direction, unit = excluded.unit,
        counts_people = excluded.counts_people, provider = excluded.provider,
        example = excluded.example, source = excluded.source, confidence = excluded.confidence;

INSERT INTO cpts.capacity_objective (valid_from, snp_percent, source, confidence)
  SELECT valid_from, snp_percent, source, confidence
    FROM capacity_objective_csv
  ON CONFLICT (valid_from) DO UPDATE
    SET snp_percent = excluded.snp_percent, source = excluded.source,
        confidence = excluded.confidence;

-- Rules that an operator added (sql/admin/referral_window_set.sql) stay.
INSERT INTO cpts.referral_clock_rule (region, kind, urgency, level, valid_from, valid_to, minutes,
    working_days, source, confidence)
  SELECT region, kind, urgency, level, valid_from, valid_to, minutes, working_days, source, confidence
    FROM referral_clock_rule_csv
  ON CONFLICT (kind, urgency, level, region, valid_from) DO UPDATE
    SET valid_to = excluded.valid_to, minutes = excluded.minutes,
        working_days = excluded.working_days, source = excluded.source,
        confidence = excluded.confidence;

INSERT INTO cpts.region_time_zone (region, time_zone)
  SELECT region, time_zone FROM region_time_zone_csv
  ON CONFLICT (region) DO UPDATE SET time_zone = excluded.time_zone;
INSERT INTO cpts.referral_reason (event, code, rank, label, fixed, source, confidence)
  SELECT event, code, rank, label, fixed, source, confidence FROM referral_reason_csv
  ON CONFLICT (event, code) DO UPDATE
    SET rank = excluded.rank, label = excluded.label, fixed = excluded.fixed,
        source = excluded.source, confidence = excluded.confidence;

-- A version that is there stays as it is: pathways were started in it.
INSERT INTO cpts.pathway_template (template, version, label, use, requester_wanted, valid_from,
    source, confidence)
  SELECT template, version, label, use, requester_wanted, valid_from, source, confidence
    FROM pathway_template_csv
  ON CONFLICT (template, version) DO NOTHING;
INSERT INTO cpts.pathway_template_step (template, version, step, rank, label, use_case, urgency,
    profession, speciality, previous, delay_days)
  SELECT template, version, step, rank, label, use_case, urgency, profession, speciality, previous,
         delay_days
    FROM pathway_step_csv
  ON CONFLICT (template, version, step) DO NOTHING;
DO $$
BEGIN
  IF cpts.pathway_template_fault() IS NOT NULL THEN
    RAISE EXCEPTION 'pathway_steps.csv: %', cpts.pathway_template_fault();
  END IF;
END
$$;

INSERT INTO cpts.node (name, address) VALUES ('national', '')
  ON CONFLICT (name) DO NOTHING;

SELECT cpts.reference_version_mint(2026,
  '@etalab/decoupage-administratif 6.0.0 (Licence Ouverte 2.0); positions GeoNames (CC BY 4.0)',
  '-infinity');
COMMIT;
ANALYZE cpts.territory_unit, cpts.unit_old_code, cpts.unit_old_name, cpts.region, cpts.department, cpts.epci;
