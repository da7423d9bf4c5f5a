-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_faults
BEGIN;
SELECT referral_id, fault, detail FROM cpts.referral_faults('00000000-0000-0000-0000-000000000000');
SELECT 1 / (number = 300)::int FROM cpts.wire_parts('\x08ac02');
ROLLBACK;
