-- SPDX-License-Identifier: Apache-2.0
-- pgbench: as many rows as submitting a referral writes, as wide, in six plain tables, one
-- statement, one commit. Nothing checked, no deduplication, no log position, no policy.
\set n :first + :client_id + 16 * :k
\set k :k + 1
WITH id AS (
  SELECT ('01000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AS referral,
         ('01000000-0000-7000-9000-' || lpad(:n::text, 12, '0'))::uuid AS assignment
), referral_row AS (
  INSERT INTO bench.referral (referral_id, version, status, use_case, urgency, profession, unit_code,
      origin_id, origin_region, custodian_id, parties, legal_basis, signature, offer_hash,
      content_hash, created_at)
    SELECT referral, 1, 'OPEN', 'SNP', 'WITHIN_24H', 'MEDECIN_GENERALISTE', '78646', :origin::uuid,
           '11', :origin::uuid, ARRAY[:origin::uuid, :destination::uuid], 'ECHANGE',
           :signature::bytea, :hash::bytea, :hash::bytea, now() FROM id
), content_row AS (
  INSERT INTO bench.content (referral_id, offer, content)
    SELECT referral, :part::bytea, :part::bytea FROM id
), assignment_row AS (
  INSERT INTO bench.assignment (referral_id, assignment_id, version, destination_id, state, wrap,
      state_at)
    SELECT referral, assignment, 1, :destination::uuid, 'DELIVERED', :wrap::bytea, now() FROM id
), clock_row AS (
  INSERT INTO bench.clock (referral_id, assignment_id, kind, fire_at)
    SELECT referral, assignment, 'DECIDE', now() FROM id
), log_row AS (
  INSERT INTO bench.log (position, origin, aggregate_id, version, kind, recorded_at, actor, bytes,
      prev_hash, hash)
    SELECT :n::bigint, :node::text, referral, 1, 'REFERRAL_SUBMITTED', now(), :principal::text,
           :change::bytea, :hash::bytea, :hash::bytea FROM id
)
INSERT INTO bench.command (principal, command_id, content_hash, aggregate_id, version, position)
  SELECT :principal::text, referral, :hash::bytea, referral, 1, :n::bigint FROM id;
