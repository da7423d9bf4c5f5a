-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:key
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.authority_is_revoked(text, int);
DROP FUNCTION cpts.key_append(uuid, int, text, int, text, bytea, bytea, timestamptz, timestamptz,
  bytea, int);
DROP TABLE cpts.key_statement;
COMMIT;
