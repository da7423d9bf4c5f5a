-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:identity
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.may_write(text, uuid);
DROP FUNCTION cpts.node_and_address(text);
DROP FUNCTION cpts.may_read();
DROP TABLE cpts.principal_role;
DROP TABLE cpts.region_owner;
DROP TABLE cpts.node;
COMMIT;
