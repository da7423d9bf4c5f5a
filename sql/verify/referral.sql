-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral
BEGIN;
SELECT referral_id, version, status, custodian_id, parties, visited, consent_withdrawn, overdue
  FROM cpts.referral WHERE false;
SELECT referral_id, offer, content FROM cpts.referral_content WHERE false;
SELECT referral_id, assignment_id, destination_id, version, state, overdue, wrap
  FROM cpts.assignment WHERE false;
SELECT referral_id, rank, assignment_id, destination_id, wrap FROM cpts.referral_candidate WHERE false;
SELECT referral_id, assignment_id, kind, fire_at, level FROM cpts.referral_clock WHERE false;
SELECT referral_id, note_id, event, author_id, note FROM cpts.referral_note WHERE false;
SELECT 1 / (count(*) = 6)::int FROM pg_class
  WHERE oid IN ('cpts.referral'::regclass, 'cpts.referral_content'::regclass,
          'cpts.assignment'::regclass, 'cpts.referral_candidate'::regclass,
          'cpts.referral_clock'::regclass, 'cpts.referral_note'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (count(*) = 6)::int FROM cpts.referral_reach;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.referral', 'DELETE'))::int;
ROLLBACK;
