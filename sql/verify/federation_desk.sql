-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_desk
BEGIN;
SELECT since_position, suspended_reason FROM cpts.node WHERE false;
SELECT aggregate_kind, aggregate_id, leaves FROM cpts.ownership_due WHERE false;
SELECT 1 / (count(*) = 6)::int FROM pg_proc
  WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
    AND proname IN ('ownership_find', 'ownership_step', 'referral_deliver', 'node_decide',
      'lead_region_set', 'attachment_log')
    AND has_function_privilege('cpts_app', oid, 'EXECUTE')
    AND NOT has_function_privilege('public', oid, 'EXECUTE');
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.node', 'INSERT, UPDATE')
            AND NOT has_table_privilege('cpts_app', 'cpts.region_owner', 'INSERT, UPDATE')
            AND NOT has_table_privilege('cpts_app', 'cpts.ownership_due', 'SELECT, INSERT')
            AND NOT has_function_privilege('cpts_app', 'cpts.node_enrol(text, text, bytea)',
              'EXECUTE'))::int;
SELECT has_function_privilege('cpts.parties_owner(uuid[])', 'EXECUTE'),
       has_function_privilege('cpts.ownership_wanted(text, uuid, text)', 'EXECUTE'),
       has_function_privilege('cpts.ownership_enqueue(uuid, text)', 'EXECUTE'),
       has_function_privilege('cpts.referrals_follow(uuid, text)', 'EXECUTE'),
       has_function_privilege('cpts.ownership_leave(uuid)', 'EXECUTE'),
       has_function_privilege('cpts.acknowledged_by(text)', 'EXECUTE'),
       has_function_privilege('cpts.region_hand_over(text)', 'EXECUTE'),
       has_function_privilege('cpts.node_refusal(text, uuid, bytea, text, text)', 'EXECUTE'),
       has_function_privilege('cpts.node_state(text, text)', 'EXECUTE'),
       has_function_privilege('cpts.ownership_pending(text, text)', 'EXECUTE'),
       has_function_privilege('cpts.node_certificate_end(text)', 'EXECUTE');
ROLLBACK;
