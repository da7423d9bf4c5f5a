-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:capacity
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.cpts_capacity;
DROP TABLE cpts.capacity_objective;
COMMIT;
