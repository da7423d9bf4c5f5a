-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_pin
BEGIN;
SELECT authority, pinned_at FROM cpts.node WHERE false;
SELECT node, key, since_at FROM cpts.checkpoint_key WHERE false;
SELECT 1 / (count(*) = 2)::int FROM pg_proc
  WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
    AND proname IN ('node_know_self', 'node_pin')
    AND has_function_privilege('cpts_app', oid, 'EXECUTE')
    AND NOT has_function_privilege('public', oid, 'EXECUTE');
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.checkpoint_key', 'INSERT, UPDATE, DELETE')
            AND NOT has_function_privilege('cpts_app', 'cpts.checkpoint_key_take(text, bytea)',
              'EXECUTE'))::int;
ROLLBACK;
