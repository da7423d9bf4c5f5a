-- SPDX-License-Identifier: Apache-2.0
-- pgbench: as many rows as accepting a referral writes, as wide, in five plain tables, one
-- statement, one commit; what accepting rewrites and deletes is only inserted here.
\set n :first + :client_id + 16 * :k
\set k :k + 1
WITH id AS (
  SELECT ('01000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid AS referral,
         ('01000000-0000-7000-9000-' || lpad(:n::text, 12, '0'))::uuid AS assignment
), referral_row AS (
  INSERT INTO bench.referral (referral_id, version, status, use_case, urgency, profession, unit_code,
      origin_id, origin_region, custodian_id, parties, legal_basis, signature, offer_hash,
      content_hash, created_at)
    SELECT referral, 2, 'OPEN', 'SNP', 'WITHIN_24H', 'MEDECIN_GENERALISTE', '78646', :origin::uuid,
           '11', :destination::uuid, ARRAY[:origin::uuid, :destination::uuid], 'ECHANGE',
           :signature::bytea, :hash::bytea, :hash::bytea, now() FROM id
), assignment_row AS (
  INSERT INTO bench.assignment (referral_id, assignment_id, version, destination_id, state, wrap,
      state_at)
    SELECT referral, assignment, 2, :destination::uuid, 'ACCEPTED', :wrap::bytea, now() FROM id
), clock_row AS (
  INSERT INTO bench.clock (referral_id, assignment_id, kind, fire_at)
    SELECT referral, assignment, 'SCHEDULE', now() FROM id
), log_row AS (
  INSERT INTO bench.log (position, origin, aggregate_id, version, kind, recorded_at, actor, bytes,
      prev_hash, hash)
    SELECT :n::bigint, :node::text, referral, 2, 'REFERRAL_ACTED', now(), :principal::text,
           :change::bytea, :hash::bytea, :hash::bytea FROM id
)
INSERT INTO bench.command (principal, command_id, content_hash, aggregate_id, version, position)
  SELECT :principal::text, referral, :hash::bytea, referral, 2, :n::bigint FROM id;
