-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:unit_merger
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.unit_merge(text, uuid, bytea, uuid, text, bytea, date, int, text, text[], text[],
  text[], int[], boolean);
DROP FUNCTION cpts.unit_merger_fault(text[], text[], date);
DROP FUNCTION cpts.unit_mapping_report(cpts.unit_claim[], cpts.unit_mapping[], cpts.unit_mapping[],
  text, date);
DROP FUNCTION cpts.mapping_excess(cpts.unit_mapping[]);
DROP FUNCTION cpts.territory_map(cpts.unit_mapping[], text[], uuid, text, uuid, bytea, int, date);
DROP FUNCTION cpts.units_mapped_bytes(uuid, text, uuid, int, date);
DROP FUNCTION cpts.units_replace(text[], text[], text[], int[], date);
DROP FUNCTION cpts.population_record(uuid, int, text, date);
DROP FUNCTION cpts.unit_mappings(cpts.unit_claim[], text[], text[]);
DROP FUNCTION cpts.unit_claims_merged(text[], text[], date);
DROP TYPE cpts.unit_mapping;
DROP TYPE cpts.unit_claim;
DROP FUNCTION cpts.wire_double(int, double precision);
DROP FUNCTION cpts.wire_field(int, bytea);
DROP FUNCTION cpts.wire_varint(bigint);
COMMIT;
