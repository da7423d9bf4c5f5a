-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_identity
BEGIN;
SELECT told_by, reported_at FROM cpts.certificate_revocation WHERE false;
SELECT principal, role, scope, valid_from, valid_to FROM cpts.told_role WHERE false;
SELECT is_one, hash, told_at FROM cpts.told_set WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_proc
  WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
    AND proname IN ('identities_exchange', 'identities_store', 'revocations_reported')
    AND has_function_privilege('cpts_app', oid, 'EXECUTE')
    AND NOT has_function_privilege('public', oid, 'EXECUTE');
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.told_role', 'INSERT, UPDATE, DELETE')
            AND NOT has_function_privilege('cpts_app',
              'cpts.revocations_take(text, text[], text[], text[])', 'EXECUTE')
            AND NOT has_function_privilege('cpts_app', 'cpts.roles_of_region(text)',
              'EXECUTE'))::int;
ROLLBACK;
