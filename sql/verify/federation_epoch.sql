-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_epoch
BEGIN;
SELECT 1 / (has_function_privilege('cpts_app', 'cpts.sync_epoch(text, int)', 'EXECUTE')
            AND NOT has_function_privilege('public', 'cpts.sync_epoch(text, int)', 'EXECUTE'))::int;
ROLLBACK;
