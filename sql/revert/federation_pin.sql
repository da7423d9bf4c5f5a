-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_pin
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.node_pin(text, text, text, int, bytea, bytea, int);
DROP FUNCTION cpts.node_know_self(text, bytea);
DROP FUNCTION cpts.checkpoint_key_take(text, bytea);
DROP TABLE cpts.checkpoint_key;
ALTER TABLE cpts.node DROP COLUMN pinned_at, DROP COLUMN authority;
COMMIT;
