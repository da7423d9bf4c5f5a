-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_act
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.referral_consent(text, uuid, bytea, uuid, text, bytea, int, bytea);
DROP FUNCTION cpts.referral_is_held(cpts.referral_fact, text);
DROP FUNCTION cpts.referral_act_whole(text, uuid, bytea, uuid, text, bytea, int, text, text, text[], int[], uuid[], uuid[], bytea[], int, uuid, bytea, bytea);
DROP FUNCTION cpts.referral_act(text, uuid, bytea, uuid, text, bytea, uuid, int, text, text, timestamptz, uuid, bytea, text[], text[], int[], text[], text[], text[], int, text, uuid, bytea, uuid, uuid, bytea, uuid[], bytea);
DROP FUNCTION cpts.visit_refusal(cpts.referral_fact, text, timestamptz);
DROP FUNCTION cpts.referral_step_refusal(cpts.referral_fact, int, text, cpts.referral_rule, int, text, text, int);
DROP FUNCTION cpts.is_version_as_seen(cpts.referral_fact, int);
DROP FUNCTION cpts.is_referral_reason(text, text);
DROP FUNCTION cpts.referral_submit(text, uuid, bytea, uuid, text, bytea, uuid, text, text, text, text, text, text, text, bytea, uuid, text, int, bytea, bytea, bytea, bytea, bytea, uuid[], uuid[], bytea[], int);
DROP FUNCTION cpts.referral_leaves(cpts.referral_fact, text, uuid[]);
DROP FUNCTION cpts.referral_park(cpts.referral_answer, uuid, text, uuid, bytea, uuid, text, text, int, bytea);
DROP FUNCTION cpts.is_sealed_over(uuid, bytea);
DROP FUNCTION cpts.assignment_id_taken(uuid, uuid[]);
DROP FUNCTION cpts.recipient_refusal(cpts.referral_fact, uuid[]);
DROP FUNCTION cpts.referral_seen(text, uuid, bytea, cpts.referral_fact, int);
DROP FUNCTION cpts.referral_answer_of(cpts.referral_fact, text, int);
DROP FUNCTION cpts.referral_party(cpts.referral_fact, text);
DROP TYPE cpts.referral_answer;
DROP TABLE cpts.parked_act;
DROP TABLE cpts.referral_reason;
COMMIT;
