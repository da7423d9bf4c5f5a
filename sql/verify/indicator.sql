-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:indicator
BEGIN;
SELECT code, valid_from, valid_to, mission, label, kind, direction, unit, counts_people, provider,
       example, source, confidence
  FROM cpts.indicator WHERE false;
SELECT cpts_id, version, indicator, baseline, thresholds, amounts_cents, step_list, published,
       lead_region, valid_from, valid_to, recorded_from, recorded_to
  FROM cpts.cpts_indicator_target WHERE false;
SELECT cpts_id, version, indicator, period, valid_from, valid_to, value, state, correction_reason,
       lead_region, recorded_from, recorded_to
  FROM cpts.cpts_indicator_value WHERE false;
SELECT 1 / (count(*) = 2)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_indicator_target'::regclass, 'cpts.cpts_indicator_value'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_indicator_value', 'value', 'UPDATE'))::int;
ROLLBACK;
