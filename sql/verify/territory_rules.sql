-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:territory_rules
BEGIN;
SELECT 1 / (count(*) = 6)::int
  FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('has_iris', 'validated_period', 'share_excess', 'stage_share_excess',
                   'territory_share_excess', 'claim_overlaps');
-- The rule sees every CPTS: these three run as their owner.
SELECT 1 / (count(*) = 3)::int
  FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
   AND proname IN ('share_excess', 'stage_share_excess', 'territory_share_excess');
ROLLBACK;
