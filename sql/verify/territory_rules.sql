-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:territory_rules
BEGIN;
SELECT 1 / (count(*) = 8)::int
  FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('has_iris', 'validated_period', 'share_excess', 'share_excess_beside',
                   'stage_share_excess',
                   'territory_share_excess', 'merge_refusal', 'claim_overlaps');
-- The rule sees every CPTS: these four run as their owner.
SELECT 1 / (count(*) = 4)::int
  FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace AND prosecdef
   AND proname IN ('share_excess_beside', 'stage_share_excess', 'territory_share_excess',
                   'merge_refusal');
ROLLBACK;
