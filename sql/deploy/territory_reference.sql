-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:territory_reference
-- What the territory engine needs of the reference data: IRIS, what units were
-- before a vintage replaced them, size classes, versions with a date of effect.
-- Locks: ACCESS EXCLUSIVE on territory_unit and reference_version, briefly.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.reference_version
  ADD COLUMN effective_on date NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN cpts.reference_version.effective_on
  IS 'First date on which its units are those of the country; -infinity for what replaces figures only.';

ALTER TABLE cpts.territory_unit
  ADD COLUMN valid_from    date        NOT NULL DEFAULT '-infinity',
  ADD COLUMN recorded_from timestamptz NOT NULL DEFAULT '-infinity',
  ADD CONSTRAINT territory_unit_iris_shape CHECK (kind <> 'IRIS'
    OR (code ~ '^[0-9][0-9AB][0-9]{7}$' AND parent_code = left(code, 5) AND NOT is_leaf));
COMMENT ON COLUMN cpts.territory_unit.valid_from
  IS 'First date of this state of the unit; what it was before is in territory_unit_past.';
COMMENT ON COLUMN cpts.territory_unit.recorded_from IS 'Since when this node knows this state.';
COMMENT ON TABLE cpts.territory_unit
  IS 'What a territory is made of: communes, arrondissements municipaux and IRIS, as they are now.';
COMMENT ON COLUMN cpts.territory_unit.code
  IS 'INSEE code, a text: five characters, an IRIS nine (its commune or arrondissement, and four).';
COMMENT ON COLUMN cpts.territory_unit.parent_code
  IS 'Commune of an arrondissement, commune or arrondissement of an IRIS; NULL for a commune.';
-- Whether there is any IRIS, in no time.
CREATE INDEX territory_unit_kind_idx ON cpts.territory_unit (kind) WHERE kind = 'IRIS';

CREATE TABLE cpts.territory_unit_past (
  code             text        COLLATE "C" NOT NULL,
  valid_to         date        NOT NULL,
  superseded_at    timestamptz NOT NULL,
  kind             text        NOT NULL,
  name             text        NOT NULL,
  parent_code      text        COLLATE "C",
  is_leaf          boolean     NOT NULL,
  department       text        COLLATE "C" NOT NULL,
  region           text        COLLATE "C" NOT NULL,
  epci             text,
  population_count int         NOT NULL,
  latitude         double precision,
  longitude        double precision,
  position_source  text        NOT NULL,
  valid_from       date        NOT NULL,
  recorded_from    timestamptz NOT NULL,
  successor_code   text        COLLATE "C",
  CONSTRAINT territory_unit_past_key PRIMARY KEY (code, valid_to),
  CONSTRAINT territory_unit_past_valid CHECK (valid_from < valid_to)
);
COMMENT ON TABLE cpts.territory_unit_past
  IS 'States of units that a newer vintage replaced, so that what was true before can still be named and counted.';
COMMENT ON COLUMN cpts.territory_unit_past.code IS 'Code it had; may be the code of another unit now.';
COMMENT ON COLUMN cpts.territory_unit_past.valid_to IS 'First date on which this state no longer holds.';
COMMENT ON COLUMN cpts.territory_unit_past.superseded_at IS 'When this node learnt it.';
COMMENT ON COLUMN cpts.territory_unit_past.kind IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.name IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.parent_code IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.is_leaf IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.department IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.region IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.epci IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.population_count IS 'Inhabitants it was counted with.';
COMMENT ON COLUMN cpts.territory_unit_past.latitude IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.longitude IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.position_source IS 'As in territory_unit.';
COMMENT ON COLUMN cpts.territory_unit_past.valid_from IS 'First date of this state.';
COMMENT ON COLUMN cpts.territory_unit_past.recorded_from IS 'Since when this node knew it.';
COMMENT ON COLUMN cpts.territory_unit_past.successor_code
  IS 'Code of the commune it became on valid_to, its own for the one that kept its code; NULL for an IRIS.';

CREATE TABLE cpts.area_population_past (
  area             text        COLLATE "C" NOT NULL,
  valid_to         date        NOT NULL,
  superseded_at    timestamptz NOT NULL,
  population_count int         NOT NULL,
  CONSTRAINT area_population_past_key PRIMARY KEY (area, valid_to)
);
COMMENT ON TABLE cpts.area_population_past
  IS 'Inhabitants of regions and départements before a newer vintage, the denominators of coverage then.';
COMMENT ON COLUMN cpts.area_population_past.area IS 'region/ or department/ and the INSEE code.';
COMMENT ON COLUMN cpts.area_population_past.valid_to IS 'First date on which the figure no longer holds.';
COMMENT ON COLUMN cpts.area_population_past.superseded_at IS 'When this node learnt it.';
COMMENT ON COLUMN cpts.area_population_past.population_count IS 'Inhabitants until then.';

CREATE TABLE cpts.size_class (
  code           text NOT NULL,
  valid_from     date NOT NULL,
  valid_to       date NOT NULL DEFAULT 'infinity',
  label          text NOT NULL,
  population_min int  NOT NULL,
  population_max int,
  source         text NOT NULL,
  CONSTRAINT size_class_key PRIMARY KEY (code, valid_from),
  CONSTRAINT size_class_valid CHECK (valid_from < valid_to),
  CONSTRAINT size_class_population CHECK (population_min >= 0 AND population_min < population_max)
);
COMMENT ON TABLE cpts.size_class
  IS 'Size classes of the ACI, by inhabitants of the territory: they set the amounts of the contract.';
COMMENT ON COLUMN cpts.size_class.code IS 'TAILLE_1 to TAILLE_4.';
COMMENT ON COLUMN cpts.size_class.valid_from IS 'First date on which the class stands.';
COMMENT ON COLUMN cpts.size_class.valid_to IS 'First date on which it no longer does.';
COMMENT ON COLUMN cpts.size_class.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.size_class.population_min IS 'Inhabitants from which on.';
COMMENT ON COLUMN cpts.size_class.population_max IS 'Inhabitants below which; NULL = no limit.';
COMMENT ON COLUMN cpts.size_class.source IS 'Text that sets it, and how sure the bounds are.';
INSERT INTO cpts.size_class (code, valid_from, label, population_min, population_max, source) VALUES
  ('TAILLE_1', '2019-06-20', 'Taille 1 : moins de 40 000 habitants', 0, 40000,
   'ACI du 20 juin 2019, grille par taille (bornes publiées ; 40 000 et 80 000 comptés au-dessus, 175 000 au-dessous : lecture)'),
  ('TAILLE_2', '2019-06-20', 'Taille 2 : 40 000 à 80 000 habitants', 40000, 80000,
   'ACI du 20 juin 2019, grille par taille (bornes publiées ; 40 000 et 80 000 comptés au-dessus, 175 000 au-dessous : lecture)'),
  ('TAILLE_3', '2019-06-20', 'Taille 3 : 80 000 à 175 000 habitants', 80000, 175001,
   'ACI du 20 juin 2019, grille par taille (bornes publiées ; 40 000 et 80 000 comptés au-dessus, 175 000 au-dessous : lecture)'),
  ('TAILLE_4', '2019-06-20', 'Taille 4 : plus de 175 000 habitants', 175001, NULL,
   'ACI du 20 juin 2019, grille par taille (bornes publiées ; 40 000 et 80 000 comptés au-dessus, 175 000 au-dessous : lecture)');

CREATE FUNCTION cpts.unit_on(unit_code text, on_date date, known timestamptz)
  RETURNS TABLE (code text, kind text, name text, department text, region text, epci text,
    population_count int, latitude double precision, longitude double precision,
    position_source text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.code, s.kind, s.name, s.department, s.region, s.epci, s.population_count, s.latitude,
         s.longitude, s.position_source
    FROM (SELECT p.code, p.kind, p.name, p.department, p.region, p.epci, p.population_count,
                 p.latitude, p.longitude, p.position_source, p.valid_to
            FROM cpts.territory_unit_past p
           WHERE p.code = unit_on.unit_code
             AND (p.valid_to > unit_on.on_date OR p.superseded_at > unit_on.known)
          UNION ALL
          SELECT u.code, u.kind, u.name, u.department, u.region, u.epci, u.population_count,
                 u.latitude, u.longitude, u.position_source, 'infinity'::date
            FROM cpts.territory_unit u
           WHERE u.code = unit_on.unit_code) s
   ORDER BY s.valid_to LIMIT 1;
END;
COMMENT ON FUNCTION cpts.unit_on(text, date, timestamptz)
  IS 'The unit of a code as it was on a date, as known at an instant; today''s when nothing older is known; no row for a code that is none.';

CREATE FUNCTION cpts.territory_people(codes text[], shares double precision[], on_date date)
  RETURNS TABLE (department text, region text, population_count double precision)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT u.department, u.region, sum(c.share * u.population_count)
    FROM unnest(codes, shares) AS c (code, share)
   CROSS JOIN LATERAL cpts.unit_on(c.code, on_date, 'infinity') u
   GROUP BY u.department, u.region;
END;
COMMENT ON FUNCTION cpts.territory_people(text[], double precision[], date)
  IS 'Inhabitants of a territory by département, each unit counted as it was on that date: whoever writes cpts_population counts with this or with unit_on().';

CREATE FUNCTION cpts.units_merged_within(codes text[], from_on date, to_on date) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT min(s.code || ' on ' || s.changed_on)
    FROM (SELECT p.code, p.valid_to AS changed_on
            FROM cpts.territory_unit_past p WHERE p.code = ANY (codes)
          UNION ALL
          SELECT u.code, u.valid_from
            FROM cpts.territory_unit u WHERE u.code = ANY (codes)) s
   WHERE s.changed_on > from_on AND s.changed_on < to_on;
END;
COMMENT ON FUNCTION cpts.units_merged_within(text[], date, date)
  IS 'A unit that a merger changed between two dates, and when; NULL when none was. No claim crosses such a date: it would be of another commune after it.';

CREATE FUNCTION cpts.units_on(on_date date, known timestamptz)
  RETURNS TABLE (code text, kind text, name text, parent_code text, is_leaf boolean,
    department text, region text, epci text, population_count int, latitude double precision,
    longitude double precision, position_source text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT u.code, u.kind, u.name, u.parent_code, u.is_leaf, u.department, u.region, u.epci,
         u.population_count, u.latitude, u.longitude, u.position_source
    FROM cpts.territory_unit u
   WHERE u.valid_from <= units_on.on_date AND u.recorded_from <= units_on.known
  UNION ALL
  SELECT p.code, p.kind, p.name, p.parent_code, p.is_leaf, p.department, p.region, p.epci,
         p.population_count, p.latitude, p.longitude, p.position_source
    FROM cpts.territory_unit_past p
   WHERE p.valid_from <= units_on.on_date AND p.recorded_from <= units_on.known
     AND (p.valid_to > units_on.on_date OR p.superseded_at > units_on.known);
END;
COMMENT ON FUNCTION cpts.units_on(date, timestamptz)
  IS 'Every unit of the country on a date, as known at an instant, each once.';

CREATE FUNCTION cpts.area_population(area_kind text, area_code text, population int, on_date date,
    known timestamptz) RETURNS int
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce((SELECT p.population_count FROM cpts.area_population_past p
                    WHERE p.area = area_kind || '/' || area_code
                      AND (p.valid_to > on_date OR p.superseded_at > known)
                    ORDER BY p.valid_to LIMIT 1), population);
END;
COMMENT ON FUNCTION cpts.area_population(text, text, int, date, timestamptz)
  IS 'Inhabitants of a region or département (area_kind: region, department) on a date, as known at an instant; the figure given is that of today.';

-- plpgsql keeps its plans; in sql they would be made in each statement, which every read would pay.
CREATE FUNCTION cpts.vintage_on(on_date date, known timestamptz) RETURNS int
  LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN coalesce(
    (SELECT v.vintage FROM cpts.reference_version v
      WHERE v.effective_on <= on_date AND v.loaded_at <= known ORDER BY v.version DESC LIMIT 1),
    (SELECT v.vintage FROM cpts.reference_version v ORDER BY v.version LIMIT 1));
END
$$;
COMMENT ON FUNCTION cpts.vintage_on(date, timestamptz)
  IS 'Year of the commune list behind the populations of a date, as known at an instant; the first one for an instant before any was loaded.';

CREATE FUNCTION cpts.reference_version_mint(vintage int, source text, effective_on date) RETURNS int
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO cpts.reference_version (version, vintage, source, effective_on, content_hash)
    SELECT coalesce(max(v.version), 0) + 1, reference_version_mint.vintage,
           reference_version_mint.source, reference_version_mint.effective_on, h.hash
      FROM (SELECT sha256(convert_to(string_agg(ROW(u.code, u.kind, u.name, u.parent_code,
                     u.is_leaf, u.department, u.region, u.epci, u.population_count, u.latitude,
                     u.longitude, u.position_source)::text, E'\n' ORDER BY u.code), 'UTF8')) AS hash
              FROM cpts.territory_unit u) h
      LEFT JOIN cpts.reference_version v ON true
     GROUP BY h.hash
    HAVING h.hash IS DISTINCT FROM (SELECT w.content_hash FROM cpts.reference_version w
                                     ORDER BY w.version DESC LIMIT 1)
    RETURNING version;
END;
COMMENT ON FUNCTION cpts.reference_version_mint(int, text, date)
  IS 'Mints the next version when the units are not those of the last one; NULL when they are. Servers read the units again within two seconds.';

CREATE FUNCTION cpts.live_on(on_date date, known timestamptz)
  RETURNS TABLE (cpts_id uuid, stage text, stage_on date)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.cpts_id, s.stage, s.valid_from
    FROM (SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.stage::text, f.valid_from
            FROM cpts.cpts_stage f
           WHERE f.valid_from <= live_on.on_date AND f.valid_to > live_on.on_date
             AND f.recorded_from <= live_on.known AND f.recorded_to > live_on.known
           ORDER BY f.cpts_id, f.valid_from DESC, f.version DESC) s
   WHERE s.stage <> ALL ('{ABANDONNE,FUSIONNE,DISSOUS,NON_RENOUVELE}'::text[]);
END;
COMMENT ON FUNCTION cpts.live_on(date, timestamptz)
  IS 'CPTS at a live stage on a date, as believed at an instant, with that stage and its date.';

GRANT SELECT ON cpts.territory_unit_past TO cpts_app;
GRANT SELECT ON cpts.area_population_past TO cpts_app;
GRANT SELECT ON cpts.size_class TO cpts_app;
REVOKE EXECUTE ON FUNCTION cpts.reference_version_mint(int, text, date) FROM PUBLIC;

COMMIT;
