-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_fire
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.referral_clock_fire(text, uuid, bytea, uuid, text, bytea, uuid, text, bigint, int, uuid);
DROP FUNCTION cpts.referral_widen_due(cpts.referral_fact, uuid);
DROP FUNCTION cpts.referral_clock_next();
DROP FUNCTION cpts.referral_overdue(cpts.referral_fact, text, int);
COMMIT;
