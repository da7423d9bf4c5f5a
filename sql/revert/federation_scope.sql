-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_scope
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_scope_add(uuid, int, text, uuid[]);
DROP TABLE cpts.sync_scope;
COMMIT;
