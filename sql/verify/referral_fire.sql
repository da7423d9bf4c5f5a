-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_fire
BEGIN;
SELECT 'cpts.referral_clock_fire(text, uuid, bytea, uuid, text, bytea, uuid, text, bigint, int, uuid)'::regprocedure;
ROLLBACK;
