-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_faults
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.referral_faults(uuid);
DROP FUNCTION cpts.referral_history(uuid);
DROP FUNCTION cpts.wire_parts(bytea);
DROP FUNCTION cpts.wire_number_at(bytea, int);
COMMIT;
