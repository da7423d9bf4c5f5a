-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_reads
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.leftover_purge(timestamptz, int, int, int);
DROP FUNCTION cpts.attachment_is_elsewhere(uuid, uuid);
DROP TABLE cpts.referral_chunk;
DROP TABLE cpts.referral_attachment;
DROP TABLE cpts.recipient_word;
DROP FUNCTION cpts.attachment_put(uuid, uuid, int, bytea, int, int, bytea, int, int, text);
DROP FUNCTION cpts.attachment_obstacle(uuid, uuid, int, bytea, int, int, int, text);
DROP FUNCTION cpts.sealed_parts_erase(uuid);
DROP FUNCTION cpts.sealed_parts(uuid, boolean, boolean);
DROP FUNCTION cpts.worklist_rows(uuid);
DROP FUNCTION cpts.content_refusal(text, boolean, boolean, boolean);
DROP FUNCTION cpts.part_in_referral(uuid);
DROP FUNCTION cpts.scope_region();
DROP FUNCTION cpts.scope_cpts();
DROP INDEX cpts.referral_created_at_idx;
DROP INDEX cpts.referral_ended_at_idx;
DROP INDEX cpts.referral_origin_region_referral_id_idx;
DROP INDEX cpts.referral_origin_id_referral_id_idx;
DROP INDEX cpts.assignment_referral_id_idx;
DROP INDEX cpts.assignment_destination_id_assignment_id_idx;
COMMIT;
