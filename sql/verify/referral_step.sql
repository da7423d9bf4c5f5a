-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_step
BEGIN;
SELECT cpts.referral_fire_at('DECIDE', 'WITHIN_24H', 0, '11', now());
SELECT 1 / ((cpts.referral_fact_find(cpts.no_assignment(), NULL)).referral_id IS NULL)::int;
ROLLBACK;
