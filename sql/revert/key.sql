-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:key
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.key_append(uuid, int, text, int, text, bytea, bytea, timestamptz, timestamptz,
  bytea);
DROP TABLE cpts.key_statement;
COMMIT;
