-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:key
BEGIN;
SELECT cpts_id, serial, kind, authority_serial, position, version, lead_region, encryption_key, signing_key,
       valid_from, valid_to, entry, prev_hash, hash, recorded_at
  FROM cpts.key_statement WHERE false;
SELECT 1 / (relrowsecurity AND relforcerowsecurity)::int
  FROM pg_class WHERE oid = 'cpts.key_statement'::regclass;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.key_statement', 'UPDATE')
            AND NOT has_table_privilege('cpts_app', 'cpts.key_statement', 'DELETE'))::int;
SELECT 1 / has_function_privilege('cpts_app', 'cpts.key_append(uuid, int, text, int, text, bytea,
  bytea, timestamptz, timestamptz, bytea, int)', 'EXECUTE')::int;
SELECT cpts.authority_is_revoked('11', 1);
ROLLBACK;
