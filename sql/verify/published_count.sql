-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:published_count
BEGIN;
SELECT scope, measure, counted_on, publisher, cpts_count, date_precision,
       covered_population_count, covered_percent, confidence, source
  FROM cpts.published_count WHERE false;
SELECT 1 / has_table_privilege('cpts_app', 'cpts.published_count', 'SELECT')::int;
ROLLBACK;
