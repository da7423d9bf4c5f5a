-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP POLICY change_log_append ON cpts.change_log;
CREATE POLICY change_log_append ON cpts.change_log FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, aggregate_id));
COMMENT ON COLUMN cpts.change_log.aggregate_kind IS 'CPTS (later: REFERRAL and others).';
DROP FUNCTION cpts.may_receive(uuid, cpts.referral_use_case);
DROP TABLE cpts.referral_opt_in;
DROP TABLE cpts.referral_note;
DROP TABLE cpts.referral_clock;
DROP TABLE cpts.referral_candidate;
DROP TABLE cpts.assignment;
DROP TABLE cpts.referral_content;
DROP FUNCTION cpts.is_referral_of_mine(uuid);
DROP TABLE cpts.referral;
DROP TABLE cpts.referral_reach;
DROP FUNCTION cpts.takes_part(uuid[], text);
DROP FUNCTION cpts.is_assignment_sound(text, timestamptz);
DROP FUNCTION cpts.is_referral_sound(text, uuid, timestamptz, text, bytea, boolean, uuid, text);
DROP DOMAIN cpts.sealed_content;
DROP DOMAIN cpts.sealed_offer;
DROP DOMAIN cpts.key_wrap;
DROP DOMAIN cpts.hop_count;
DROP DOMAIN cpts.legal_basis;
DROP DOMAIN cpts.ed25519_signature;
DROP DOMAIN cpts.overdue_level;
DROP DOMAIN cpts.referral_clock_kind;
DROP DOMAIN cpts.referral_urgency;
DROP DOMAIN cpts.referral_use_case;
DROP DOMAIN cpts.referral_status;
DROP DOMAIN cpts.assignment_state;
COMMIT;
