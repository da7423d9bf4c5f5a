-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:audit
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.audit_heads(text);
DROP FUNCTION cpts.audit_links(text, text, bigint, int);
DROP FUNCTION cpts.audit_list(uuid, uuid, text, date, date, timestamptz, int, int);
DROP FUNCTION cpts.audit_sees(text, uuid);
DROP FUNCTION cpts.audit_tells(uuid, bytea);
DROP FUNCTION cpts.audit_is_live(uuid);
DROP INDEX cpts.change_log_recorded_at_idx;
DROP FUNCTION cpts.audit_chain_append(int);
DROP FUNCTION cpts.audit_lock_key();
DROP FUNCTION cpts.audit_read_bytes(cpts.audit_read);
DROP TABLE cpts.audit_checkpoint;
DROP TABLE cpts.audit_chain;
DROP TABLE cpts.audit_read;
COMMIT;
