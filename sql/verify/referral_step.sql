-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_step
BEGIN;
SELECT 1 / ((cpts.referral_fact_find(cpts.no_assignment(), NULL)).referral_id IS NULL)::int;
ROLLBACK;
