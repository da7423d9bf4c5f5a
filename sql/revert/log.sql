-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:log
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.log_notify();
DROP FUNCTION cpts.log_append(text, uuid, int, int, text, text, bytea, text, uuid, bytea);
DROP FUNCTION cpts.known_at(timestamptz);
DROP FUNCTION cpts.log_now();
DROP FUNCTION cpts.log_head();
DROP FUNCTION cpts.log_begin(text);
DROP FUNCTION cpts.log_lock_key();
DROP TABLE cpts.command;
DROP TABLE cpts.change_log;
DROP DOMAIN cpts.sha256;
COMMIT;
