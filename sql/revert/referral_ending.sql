-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_ending
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.referrals_follow(uuid, uuid, text, uuid, bytea);
DROP FUNCTION cpts.referral_places(uuid, uuid);
DROP FUNCTION cpts.referral_follow(cpts.referral_fact, uuid, text, uuid, bytea);
DROP FUNCTION cpts.referral_attempt_merge(cpts.referral_fact);
DROP FUNCTION cpts.referral_place(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_destination_end(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_origin_end(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_ending_bytes(cpts.referral_fact, text, uuid, int, text, uuid);
ALTER TABLE cpts.assignment DROP COLUMN former_id;
ALTER TABLE cpts.referral DROP COLUMN signer_id;
COMMIT;
