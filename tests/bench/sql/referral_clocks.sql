-- SPDX-License-Identifier: Apache-2.0
-- :count referrals between two CPTS, each with one clock; they are due one after the other within
-- :spread milliseconds, from half a second from now on.
\set ON_ERROR_STOP on
CREATE SCHEMA IF NOT EXISTS bench;
DROP TABLE IF EXISTS bench.due;
BEGIN;
SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());
SELECT FROM cpts.log_begin('national');
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
  SELECT gen_random_uuid() AS referral_id, gen_random_uuid() AS assignment_id, n,
         (SELECT cpts_id FROM cpts.cpts ORDER BY cpts_id LIMIT 1) AS origin_id,
         (SELECT cpts_id FROM cpts.cpts ORDER BY cpts_id DESC LIMIT 1) AS destination_id
    FROM generate_series(1, :count) AS n;
INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case, urgency,
    unit_code, origin_id, origin_region, custodian_id, parties, legal_basis, key_serial, signature,
    offer_hash, content_hash, synthetic, created_at, updated_at)
  SELECT m.referral_id, 'national', 1, 1, 'OPEN', 'SNP', 'ROUTINE', '92046', m.origin_id, '11',
         m.origin_id, ARRAY[m.origin_id, m.destination_id], 'ECHANGE', 1,
         decode(repeat('00', 64), 'hex'), sha256(''), sha256(''), true, cpts.log_now(),
         cpts.log_now()
    FROM made m;
INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version, state,
    submitted_at, state_at)
  SELECT m.referral_id, m.assignment_id, m.destination_id, 1, 'DELIVERED', cpts.log_now(),
         cpts.log_now()
    FROM made m;
INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, armed_at)
  SELECT m.referral_id, m.assignment_id, 'DECIDE',
         clock_timestamp() + interval '500 milliseconds'
           + m.n * :spread / :count::float * interval '1 millisecond', cpts.log_now()
    FROM made m;
CREATE TABLE bench.due AS
  SELECT k.referral_id, k.fire_at FROM cpts.referral_clock k JOIN made m ON m.referral_id = k.referral_id;
COMMIT;
