-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:reference
-- Reference data: only the national node mints versions. Keyed by INSEE code,
-- never by name. Filled by reference/load.sql.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.reference_version (
  version      int         NOT NULL,
  vintage      int         NOT NULL,
  source       text        NOT NULL,
  content_hash bytea       NOT NULL,
  loaded_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT reference_version_key PRIMARY KEY (version),
  CONSTRAINT reference_version_vintage_range CHECK (vintage BETWEEN 2000 AND 2200)
);
COMMENT ON TABLE cpts.reference_version IS 'Versions of the reference data, the highest is in force.';
COMMENT ON COLUMN cpts.reference_version.version IS 'From 1; only the national node mints versions.';
COMMENT ON COLUMN cpts.reference_version.source IS 'Where the data comes from, with its licence.';
COMMENT ON COLUMN cpts.reference_version.loaded_at IS 'When it was loaded here.';
COMMENT ON COLUMN cpts.reference_version.vintage IS 'Year of the commune list (1 January).';
COMMENT ON COLUMN cpts.reference_version.content_hash IS 'SHA-256 over the loaded rows.';

CREATE TABLE cpts.region (
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  zone text NOT NULL,
  population_count int NOT NULL,
  CONSTRAINT region_key PRIMARY KEY (code),
  CONSTRAINT region_zone_known CHECK (zone IN ('metro', 'drom', 'com'))
);
COMMENT ON TABLE cpts.region IS 'Regions by INSEE code; those of zone metro and drom have an ARS.';
COMMENT ON COLUMN cpts.region.code IS 'INSEE code, two or three characters, a text.';
COMMENT ON COLUMN cpts.region.name IS 'Name, French.';
COMMENT ON COLUMN cpts.region.zone IS 'metro, drom (with an ARS) or com.';

CREATE TABLE cpts.department (
  code   text COLLATE "C" NOT NULL,
  name   text NOT NULL,
  region text COLLATE "C" NOT NULL,
  zone   text NOT NULL,
  population_count int NOT NULL,
  CONSTRAINT department_key PRIMARY KEY (code),
  CONSTRAINT department_region_fk FOREIGN KEY (region) REFERENCES cpts.region (code)
);
COMMENT ON TABLE cpts.department IS 'Départements by INSEE code.';
COMMENT ON COLUMN cpts.department.code IS 'INSEE code, two or three characters, a text.';
COMMENT ON COLUMN cpts.department.name IS 'Name, French.';
COMMENT ON COLUMN cpts.department.region IS 'INSEE code of its region.';
COMMENT ON COLUMN cpts.department.zone IS 'As for its region.';
COMMENT ON COLUMN cpts.region.population_count IS 'Inhabitants: the sum over its communes.';
COMMENT ON COLUMN cpts.department.population_count IS 'Inhabitants: the sum over its communes.';

CREATE TABLE cpts.epci (
  siren            text NOT NULL,
  name             text NOT NULL,
  kind             text NOT NULL,
  population_count int  NOT NULL,
  latitude         double precision,
  longitude        double precision,
  CONSTRAINT epci_key PRIMARY KEY (siren)
);
COMMENT ON TABLE cpts.epci IS 'Intercommunal bodies (EPCI) by SIREN; position in degrees WGS 84.';
COMMENT ON COLUMN cpts.epci.siren IS 'SIREN number, nine digits, a text.';
COMMENT ON COLUMN cpts.epci.name IS 'Name, French.';
COMMENT ON COLUMN cpts.epci.kind IS 'CC, CA, CU, METRO and so on.';
COMMENT ON COLUMN cpts.epci.population_count IS 'Inhabitants.';
COMMENT ON COLUMN cpts.epci.latitude IS 'Degrees, WGS 84; NULL when not known.';
COMMENT ON COLUMN cpts.epci.longitude IS 'Degrees, WGS 84; NULL when not known.';

CREATE TABLE cpts.territory_unit (
  code             text    COLLATE "C" NOT NULL,
  kind             text    NOT NULL,
  name             text    NOT NULL,
  parent_code      text    COLLATE "C",
  is_leaf          boolean NOT NULL,
  department       text    COLLATE "C" NOT NULL,
  region           text    COLLATE "C" NOT NULL,
  epci             text,
  population_count int     NOT NULL,
  latitude         double precision,
  longitude        double precision,
  position_source  text    NOT NULL,
  CONSTRAINT territory_unit_key PRIMARY KEY (code),
  CONSTRAINT territory_unit_kind_known CHECK (kind IN ('COMMUNE', 'ARRONDISSEMENT', 'IRIS')),
  CONSTRAINT territory_unit_population_range CHECK (population_count >= 0),
  CONSTRAINT territory_unit_position_known
    CHECK (position_source IN ('geonames', 'epci_approximate', 'none')),
  CONSTRAINT territory_unit_department_fk FOREIGN KEY (department) REFERENCES cpts.department (code),
  CONSTRAINT territory_unit_region_fk FOREIGN KEY (region) REFERENCES cpts.region (code)
);
CREATE INDEX territory_unit_parent_code_idx ON cpts.territory_unit (parent_code)
  WHERE parent_code IS NOT NULL;
COMMENT ON TABLE cpts.territory_unit
  IS 'What a territory is made of: communes and arrondissements municipaux (later IRIS).';
COMMENT ON COLUMN cpts.territory_unit.code IS 'INSEE code, five characters, a text.';
COMMENT ON COLUMN cpts.territory_unit.kind IS 'COMMUNE, ARRONDISSEMENT (municipal) or IRIS.';
COMMENT ON COLUMN cpts.territory_unit.name IS 'Name, French; homonyms are many.';
COMMENT ON COLUMN cpts.territory_unit.parent_code IS 'Commune of an arrondissement; NULL for a commune.';
COMMENT ON COLUMN cpts.territory_unit.department IS 'Code of its département.';
COMMENT ON COLUMN cpts.territory_unit.region IS 'INSEE code of its region.';
COMMENT ON COLUMN cpts.territory_unit.epci IS 'SIREN of its EPCI; NULL for four island communes.';
COMMENT ON COLUMN cpts.territory_unit.population_count IS 'Inhabitants of the whole unit.';
COMMENT ON COLUMN cpts.territory_unit.latitude IS 'Degrees, WGS 84; NULL when not known.';
COMMENT ON COLUMN cpts.territory_unit.longitude IS 'Degrees, WGS 84; NULL when not known.';
COMMENT ON COLUMN cpts.territory_unit.is_leaf
  IS 'True when population is counted here: every commune but Paris, Lyon and Marseille, and every arrondissement.';
COMMENT ON COLUMN cpts.territory_unit.position_source
  IS 'geonames (CC BY 4.0), epci_approximate (the position of its EPCI), none.';

CREATE TABLE cpts.unit_old_code (
  old_code  text COLLATE "C" NOT NULL,
  unit_code text COLLATE "C" NOT NULL,
  CONSTRAINT unit_old_code_key PRIMARY KEY (old_code),
  CONSTRAINT unit_old_code_unit_code_fk
    FOREIGN KEY (unit_code) REFERENCES cpts.territory_unit (code)
);
COMMENT ON TABLE cpts.unit_old_code IS 'Former commune codes and the commune that took over.';
COMMENT ON COLUMN cpts.unit_old_code.old_code IS 'Former INSEE code.';
COMMENT ON COLUMN cpts.unit_old_code.unit_code IS 'Code of the commune that took over.';

CREATE TABLE cpts.target (
  region      text COLLATE "C" NOT NULL,
  valid_from  date NOT NULL,
  valid_to    date NOT NULL DEFAULT 'infinity',
  cpts_count  int  NOT NULL,
  source      text NOT NULL,
  CONSTRAINT target_key PRIMARY KEY (region, valid_from),
  CONSTRAINT target_count_range CHECK (cpts_count > 0)
);
COMMENT ON TABLE cpts.target
  IS 'Number of CPTS the State wants; region is an INSEE code, or empty for the nation.';
COMMENT ON COLUMN cpts.target.region IS 'INSEE code, or empty for the nation.';
COMMENT ON COLUMN cpts.target.valid_from IS 'First date on which it stands.';
COMMENT ON COLUMN cpts.target.valid_to IS 'First date on which it no longer does.';
COMMENT ON COLUMN cpts.target.cpts_count IS 'CPTS wanted, > 0.';
COMMENT ON COLUMN cpts.target.source IS 'Text that sets it, with its date.';

GRANT SELECT ON cpts.reference_version TO cpts_app;
GRANT SELECT ON cpts.region TO cpts_app;
GRANT SELECT ON cpts.department TO cpts_app;
GRANT SELECT ON cpts.epci TO cpts_app;
GRANT SELECT ON cpts.territory_unit TO cpts_app;
GRANT SELECT ON cpts.unit_old_code TO cpts_app;
GRANT SELECT ON cpts.target TO cpts_app;

COMMIT;
