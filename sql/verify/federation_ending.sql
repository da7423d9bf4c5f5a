-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_ending
BEGIN;
SELECT 1 / (prosecdef AND has_function_privilege('cpts_app', oid, 'EXECUTE')
            AND NOT has_function_privilege('public', oid, 'EXECUTE'))::int
  FROM pg_proc WHERE oid = 'cpts.ending_follow(text, uuid, bytea, uuid)'::regprocedure;
SELECT has_function_privilege('cpts.ending_enqueue(uuid[])', 'EXECUTE'),
       has_function_privilege('cpts.live_successor(uuid)', 'EXECUTE');
ROLLBACK;
