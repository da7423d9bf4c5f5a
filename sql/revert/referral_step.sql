-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_step
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.referral_widen(cpts.referral_fact);
DROP FUNCTION cpts.referral_abandon(cpts.referral_fact);
DROP FUNCTION cpts.referral_reassign(cpts.referral_fact, uuid[], uuid[], bytea[], int);
DROP FUNCTION cpts.referral_redirect(cpts.referral_fact, uuid, uuid, bytea);
DROP FUNCTION cpts.referral_assignment_step(cpts.referral_fact, cpts.referral_rule, text, text, timestamptz);
DROP FUNCTION cpts.referral_clocks_follow(cpts.referral_fact, cpts.referral_rule, text, timestamptz);
DROP FUNCTION cpts.referral_decide_shift(cpts.referral_fact, text);
DROP FUNCTION cpts.referral_go_on(cpts.referral_fact, boolean);
DROP FUNCTION cpts.referral_widen_arm(cpts.referral_fact);
DROP FUNCTION cpts.referral_candidate_ask(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_candidate_next(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_ask(cpts.referral_fact, uuid, uuid, bytea);
DROP FUNCTION cpts.referral_write(cpts.referral_fact, text);
DROP FUNCTION cpts.referral_fact_find(uuid, uuid);
DROP FUNCTION cpts.referral_arm(cpts.referral_fact, text, timestamptz);
DROP FUNCTION cpts.referral_clock_region(cpts.referral_fact, text);
DROP FUNCTION cpts.is_cpts_live(uuid);
DROP FUNCTION cpts.is_assignment_active(text);
DROP FUNCTION cpts.no_assignment();
DROP TYPE cpts.referral_fact;
DROP TYPE cpts.referral_rule;
COMMIT;
