-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_reads
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.referral_chunk;
DROP TABLE cpts.referral_attachment;
DROP TABLE cpts.recipient_word;
DROP FUNCTION cpts.content_refusal(text, boolean, boolean, boolean);
DROP FUNCTION cpts.part_in_referral(uuid);
DROP FUNCTION cpts.scope_region();
DROP FUNCTION cpts.scope_cpts();
DROP INDEX cpts.referral_created_at_idx;
DROP INDEX cpts.referral_retention_idx;
DROP INDEX cpts.referral_to_reassign_idx;
DROP INDEX cpts.referral_outbox_idx;
DROP INDEX cpts.assignment_overdue_idx;
DROP INDEX cpts.assignment_inbox_idx;
COMMIT;
