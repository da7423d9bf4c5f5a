-- SPDX-License-Identifier: Apache-2.0
-- Bulk-loads :count synthetic referrals of the last five years, numbered from :first, between the
-- CPTS that are there: one assignment each, sealed parts and wraps of the right shape and of no
-- meaning, shorter than real ones (64 and 300 bytes), an entry of the log and a command each, as
-- submitting leaves them. One in fifty is open: DELIVERED, with its clock; the others are CLOSED.
-- One CPTS in two hundred receives a quarter of all.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '256MB';
CREATE TEMPORARY TABLE place AS
  SELECT row_number() OVER (ORDER BY cpts_id) - 1 AS n, cpts_id, lead_region FROM cpts.cpts;
CREATE UNIQUE INDEX ON place (n);
CREATE TEMPORARY TABLE batch AS
  SELECT g.n,
         ('0198' || lpad(to_hex(g.n), 8, '0') || '70008000' || lpad(to_hex(g.n * 7919 % 4294967296),
           12, '0'))::uuid AS referral_id,
         ('0198' || lpad(to_hex(g.n), 8, '0') || '70009000' || lpad(to_hex(g.n), 12, '0'))::uuid
           AS assignment_id,
         o.cpts_id AS origin_id, o.lead_region AS origin_region, d.cpts_id AS destination_id,
         now() - make_interval(mins => (2628000 * (1 - g.n::float8 / :total))::int) AS at,
         g.n % 50 = 0 AS is_open,
         decode(repeat(md5(g.n::text), 2), 'hex') AS hash
    FROM generate_series(:first::bigint, :first::bigint + :count - 1) AS g (n)
   CROSS JOIN (SELECT count(*) AS count FROM place) AS c
    JOIN place o ON o.n = g.n * 31 % c.count
    JOIN place d ON d.n = CASE WHEN g.n % 4 = 0 THEN g.n / 4 % 10 * (c.count / 10)
                               ELSE (g.n * 31 + 1 + g.n % 7) % c.count END
   WHERE o.cpts_id <> d.cpts_id;
INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case, urgency,
    unit_code, origin_id, origin_region, custodian_id, parties, legal_basis, key_serial, signature,
    offer_hash, content_hash, synthetic, created_at, updated_at, ended_at)
  SELECT b.referral_id, 'national', 1, 1, CASE WHEN b.is_open THEN 'OPEN' ELSE 'FULFILLED' END,
         (ARRAY['SNP', 'MEDECIN_TRAITANT', 'PARCOURS'])[1 + b.n % 3],
         (ARRAY['WITHIN_24H', 'PRIORITY', 'ROUTINE'])[1 + b.n % 3], '78646', b.origin_id,
         b.origin_region, CASE WHEN b.is_open THEN b.origin_id END,
         ARRAY[b.origin_id, b.destination_id], 'ECHANGE', 1, b.hash || b.hash, b.hash, b.hash,
         true, b.at, b.at, CASE WHEN NOT b.is_open THEN b.at + interval '3 days' END
    FROM batch b ORDER BY b.n;
INSERT INTO cpts.referral_content (referral_id, offer, content)
  SELECT b.referral_id, b.hash || b.hash, b.hash || b.hash FROM batch b ORDER BY b.n;
INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version, state, wrap,
    submitted_at, state_at, accepted_at, reported_at, ended_at)
  SELECT b.referral_id, b.assignment_id, b.destination_id, 1,
         CASE WHEN b.is_open THEN 'DELIVERED' ELSE 'CLOSED' END,
         decode(repeat(md5(b.n::text), 19), 'hex'), b.at, b.at,
         CASE WHEN NOT b.is_open THEN b.at + interval '2 hours' END,
         CASE WHEN NOT b.is_open THEN b.at + interval '2 days' END,
         CASE WHEN NOT b.is_open THEN b.at + interval '3 days' END
    FROM batch b ORDER BY b.n;
INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, level, armed_at)
  SELECT b.referral_id, b.assignment_id, 'DECIDE', now() + interval '30 days', 0, b.at
    FROM batch b WHERE b.is_open ORDER BY b.n;
INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch, aggregate_kind,
    aggregate_id, version, kind, recorded_at, actor, command_id, schema_version, lead_region, bytes,
    prev_hash, hash)
  SELECT h.head + row_number() OVER w, 'national', h.head + row_number() OVER w, 1, 'REFERRAL',
         b.referral_id, 1, 'REFERRAL_SUBMITTED', h.recorded_at + make_interval(secs =>
           1e-6 * row_number() OVER w), 'spiffe://cpts.bench/user/bulk', b.referral_id, 1,
         b.origin_region, decode(repeat(md5(b.n::text), 24), 'hex'), b.hash, b.hash
    FROM batch b
   CROSS JOIN (SELECT coalesce(max(local_position), 0) AS head,
                      coalesce(max(recorded_at), now()) AS recorded_at FROM cpts.change_log) AS h
  WINDOW w AS (ORDER BY b.n);
INSERT INTO cpts.command (principal, command_id, content_hash, aggregate_id, version, log_position)
  SELECT 'spiffe://cpts.bench/user/bulk', b.referral_id, b.hash, b.referral_id, 1, l.local_position
    FROM batch b JOIN cpts.change_log l ON l.aggregate_id = b.referral_id AND l.version = 1
   WHERE l.local_position > (SELECT coalesce(max(log_position), 0) FROM cpts.command);
