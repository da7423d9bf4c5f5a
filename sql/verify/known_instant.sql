-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:known_instant
BEGIN;
SELECT has_function_privilege('cpts_app', 'cpts.log_instant()', 'EXECUTE');
SELECT 1 / (cpts.answer_instant_us(timestamptz '2024-02-01 00:00:00Z') = 1706745600000000)::int;
SELECT 1 / (cpts.answer_instant_us(NULL) = cpts.unix_us(cpts.log_instant()))::int;
ROLLBACK;
