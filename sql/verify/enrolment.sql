-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:enrolment
BEGIN;
SELECT enrolment_id, version, token_hash, principal, roles, scope, lead_region, note, replaces,
       created_by, created_at, expires_at, used_at, certificate_serial, revoked_at, revoked_reason,
       node_address
  FROM cpts.enrolment WHERE false;
SELECT serial, principal, command_id, key_hash, not_before, not_after, pem, issued_at
  FROM cpts.certificate WHERE false;
SELECT 1 / (bool_and(relrowsecurity AND relforcerowsecurity))::int
  FROM pg_catalog.pg_class WHERE oid IN ('cpts.enrolment'::regclass, 'cpts.certificate'::regclass);
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.principal_role', 'INSERT')
            AND NOT has_table_privilege('cpts_app', 'cpts.certificate', 'INSERT')
            AND NOT has_column_privilege('cpts_app', 'cpts.enrolment', 'roles', 'UPDATE')
            AND NOT has_function_privilege('cpts_app',
              'cpts.certificate_again(text, uuid, bytea, uuid)', 'EXECUTE'))::int;
SELECT has_function_privilege('cpts.enrolment_state(timestamptz, timestamptz, timestamptz, timestamptz)', 'EXECUTE'),
       has_function_privilege('cpts.scope_conflict(text, text)', 'EXECUTE'),
       has_function_privilege('cpts.enrolment_find(bytea)', 'EXECUTE'),
       has_function_privilege('cpts.identity_is_held(text)', 'EXECUTE'),
       has_function_privilege('cpts.enrolment_use(bytea, uuid, bytea, bytea, text, bytea, timestamptz, timestamptz, text, bytea)', 'EXECUTE'),
       has_function_privilege('cpts.certificate_renew(text, uuid, bytea, uuid, bytea, text, bytea, timestamptz, timestamptz, text)', 'EXECUTE');
ROLLBACK;
