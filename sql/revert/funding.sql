-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:funding
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.aci_line;
DROP TABLE cpts.aci_grid;
DROP DOMAIN cpts.confidence;
COMMIT;
