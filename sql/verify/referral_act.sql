-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_act
BEGIN;
SELECT event, code, rank, label, fixed, source, confidence FROM cpts.referral_reason WHERE false;
SELECT parked_id, scope, refusal, found_version, resolution FROM cpts.parked_act WHERE false;
SELECT 1 / (relrowsecurity AND relforcerowsecurity)::int FROM pg_class
  WHERE oid = 'cpts.parked_act'::regclass;
SELECT 1 / (count(*) = 4)::int FROM pg_proc
  WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
    AND proname IN ('referral_submit', 'referral_act', 'referral_act_whole', 'referral_consent')
    AND has_function_privilege('cpts_app', oid, 'EXECUTE')
    AND NOT has_function_privilege('public', oid, 'EXECUTE');
ROLLBACK;
