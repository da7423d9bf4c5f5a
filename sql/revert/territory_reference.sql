-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:territory_reference
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.live_on(date, timestamptz);
DROP FUNCTION cpts.reference_version_mint(int, text, date);
DROP FUNCTION cpts.vintage_on(date, timestamptz);
DROP FUNCTION cpts.area_population(text, text, int, date, timestamptz);
DROP FUNCTION cpts.units_on(date, timestamptz);
DROP FUNCTION cpts.units_merged_within(text[], date, date);
DROP FUNCTION cpts.territory_people(text[], double precision[], date);
DROP FUNCTION cpts.unit_on(text, date, timestamptz);
DROP TABLE cpts.size_class;
DROP TABLE cpts.area_population_past;
DROP TABLE cpts.territory_unit_past;
DROP INDEX cpts.territory_unit_kind_idx;
ALTER TABLE cpts.territory_unit
  DROP CONSTRAINT territory_unit_iris_shape,
  DROP COLUMN recorded_from,
  DROP COLUMN valid_from;
COMMENT ON TABLE cpts.territory_unit
  IS 'What a territory is made of: communes and arrondissements municipaux (later IRIS).';
COMMENT ON COLUMN cpts.territory_unit.code IS 'INSEE code, five characters, a text.';
COMMENT ON COLUMN cpts.territory_unit.parent_code IS 'Commune of an arrondissement; NULL for a commune.';
ALTER TABLE cpts.reference_version DROP COLUMN effective_on;
COMMIT;
