-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_rewrap
BEGIN;
SELECT 'cpts.referral_rewrap(text, uuid, bytea, uuid, text, bytea, uuid, int, text[], uuid, bytea, bytea)'::regprocedure;
ROLLBACK;
