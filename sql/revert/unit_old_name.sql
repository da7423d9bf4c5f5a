-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:unit_old_name
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.unit_old_name;
COMMIT;
