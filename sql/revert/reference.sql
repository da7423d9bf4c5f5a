-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:reference
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.target;
DROP TABLE cpts.unit_old_code;
DROP TABLE cpts.territory_unit;
DROP TABLE cpts.epci;
DROP TABLE cpts.department;
DROP TABLE cpts.region;
DROP TABLE cpts.reference_version;
COMMIT;
