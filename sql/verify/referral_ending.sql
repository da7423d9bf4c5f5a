-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_ending
BEGIN;
SELECT signer_id FROM cpts.referral WHERE false;
SELECT former_id FROM cpts.assignment WHERE false;
SELECT 'cpts.referrals_follow(uuid, uuid, text, uuid, bytea)'::regprocedure;
ROLLBACK;
