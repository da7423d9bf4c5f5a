-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_rewrap
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.referral_rewrap(text, uuid, bytea, uuid, text, bytea, uuid, int, text[], uuid, bytea, bytea);
DROP FUNCTION cpts.origin_rewrap_refusal(cpts.referral_fact, int, text, int);
COMMIT;
