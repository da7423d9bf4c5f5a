-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:published_count
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.published_count;
COMMIT;
