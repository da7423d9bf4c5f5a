-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:zoning
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.zone_on(text, date, timestamptz);
DROP TABLE cpts.unit_zoning;
DROP FUNCTION cpts.zoning_id(text);
COMMIT;
