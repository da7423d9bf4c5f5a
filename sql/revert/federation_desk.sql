-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_desk
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.lead_region_set(text, uuid, bytea, uuid, text, bytea, int, text);
DROP FUNCTION cpts.node_certificate_end(text);
DROP FUNCTION cpts.ownership_pending(text, text);
DROP FUNCTION cpts.node_state(text, text);
DROP FUNCTION cpts.node_decide(text, uuid, bytea, uuid, text, bytea, text, text, text, int);
DROP FUNCTION cpts.node_refusal(text, uuid, bytea, text, text);
DROP FUNCTION cpts.node_enrol(text, text, bytea);
DROP FUNCTION cpts.referral_deliver(text, uuid, bytea, uuid, text, bytea, uuid, text[], text[],
  int[], text[], text[], text[]);
DROP FUNCTION cpts.attachment_log(text, uuid, bytea, uuid, text, bytea, uuid);
DROP FUNCTION cpts.ownership_step(text, uuid, bytea, uuid, text, bytea, text, text, int, text);
DROP FUNCTION cpts.region_hand_over(text);
DROP FUNCTION cpts.ownership_find(text, int, bigint);
DROP TYPE cpts.ownership_row;
DROP FUNCTION cpts.acknowledged_by(text);
DROP FUNCTION cpts.ownership_leave(uuid);
DROP FUNCTION cpts.referrals_follow(uuid, text);
DROP FUNCTION cpts.sync_scope_move(uuid);
DROP FUNCTION cpts.ownership_enqueue(uuid, text);
DROP FUNCTION cpts.referrals_of(uuid);
DROP FUNCTION cpts.ownership_wanted(text, uuid, text);
DROP FUNCTION cpts.parties_owner(uuid[]);
DROP INDEX cpts.referral_candidate_destination_id_idx;
DROP INDEX cpts.referral_clock_referral_id_idx;
DROP INDEX cpts.referral_owner_node_idx;
DROP INDEX cpts.change_log_local_position_idx;
DROP TABLE cpts.ownership_due;
ALTER TABLE cpts.node DROP COLUMN suspended_reason, DROP COLUMN since_position;
COMMIT;
