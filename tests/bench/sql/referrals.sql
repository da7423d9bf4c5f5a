-- SPDX-License-Identifier: Apache-2.0
-- What the benchmark of referrals adds to a database, after schema.sql: CPTS that may receive,
-- referrals by number, and the plain tables of the plain inserts. Run by a superuser.
\set ON_ERROR_STOP on

-- CPTS 1 to 1000: 1 receives, 500 refers, the others are the crowd.
SELECT bench.fill(1, 1000);
SET session_replication_role = replica;
UPDATE cpts.cpts SET stage = 'ACI_SIGNE';
RESET session_replication_role;

-- Ids of referral number n and of its assignment, before those that are minted today.
CREATE FUNCTION bench.referral_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid;
CREATE FUNCTION bench.assignment_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN ('01000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid;
CREATE FUNCTION bench.origin_number(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN 500 + n % 500;
-- One referral in `share` goes to CPTS 1.
CREATE FUNCTION bench.destination_number(n bigint, share int) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN CASE WHEN n % share = 0 THEN 1 ELSE 2 + n % 498 END;
-- That many bytes, others for each n.
CREATE FUNCTION bench.filler(n bigint, byte_count int) RETURNS bytea LANGUAGE sql IMMUTABLE
  RETURN decode(repeat(md5(n::text), byte_count / 16), 'hex');

-- The referrals first_n .. first_n + n_count - 1, as submitting, and for most of them closing, left
-- them: one in open_every is DELIVERED and waits for an answer, in a month; the others are CLOSED.
-- Each sealed part has part_bytes, the wrap and the log entry what real ones have.
CREATE FUNCTION bench.referral_fill(first_n bigint, n_count bigint, open_every int, share int,
    part_bytes int) RETURNS void LANGUAGE plpgsql
  SET session_replication_role = replica SET synchronous_commit = off
AS $$
DECLARE
  last_n  bigint := first_n + n_count - 1;
  head    bigint := cpts.log_head();
  started timestamptz := now() - interval '5 years';
BEGIN
  INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case, urgency,
      profession, unit_code, origin_id, origin_region, custodian_id, parties, legal_basis,
      key_serial, signature, offer_hash, content_hash, synthetic, created_at, updated_at, ended_at)
    SELECT bench.referral_id(n), 'national', 1, CASE WHEN is_open THEN 1 ELSE 4 END,
           CASE WHEN is_open THEN 'OPEN' ELSE 'FULFILLED' END, 'SNP', 'WITHIN_24H',
           'MEDECIN_GENERALISTE', '78646', o.id, '11', CASE WHEN is_open THEN o.id END,
           ARRAY[o.id, bench.cpts_id(bench.destination_number(n, share))], 'ECHANGE', 1,
           bench.filler(n, 64), bench.filler(n, 32), bench.filler(n, 32), true, at, at,
           CASE WHEN NOT is_open THEN at + interval '3 days' END
      FROM generate_series(first_n, last_n) AS n
     CROSS JOIN LATERAL (SELECT n % open_every = 0 AS is_open,
                                started + n * interval '10 seconds' AS at) AS s
     CROSS JOIN LATERAL (SELECT bench.cpts_id(bench.origin_number(n)) AS id) AS o;
  INSERT INTO cpts.referral_content (referral_id, offer, content)
    SELECT bench.referral_id(n), bench.filler(n, part_bytes), bench.filler(n, part_bytes)
      FROM generate_series(first_n, last_n) AS n;
  INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version, state, wrap,
      submitted_at, state_at, accepted_at, reported_at, ended_at)
    SELECT bench.referral_id(n), bench.assignment_id(n),
           bench.cpts_id(bench.destination_number(n, share)), CASE WHEN is_open THEN 1 ELSE 4 END,
           CASE WHEN is_open THEN 'DELIVERED' ELSE 'CLOSED' END, bench.filler(n, 352), at, at,
           CASE WHEN NOT is_open THEN at + interval '2 hours' END,
           CASE WHEN NOT is_open THEN at + interval '2 days' END,
           CASE WHEN NOT is_open THEN at + interval '3 days' END
      FROM generate_series(first_n, last_n) AS n
     CROSS JOIN LATERAL (SELECT n % open_every = 0 AS is_open,
                                started + n * interval '10 seconds' AS at) AS s;
  INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, armed_at)
    SELECT bench.referral_id(n), bench.assignment_id(n), 'DECIDE',
           now() + interval '30 days' + n % 100000 * interval '1 second', now()
      FROM generate_series(first_n, last_n) AS n WHERE n % open_every = 0;
  INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch, aggregate_kind,
      aggregate_id, version, kind, recorded_at, actor, command_id, schema_version, lead_region,
      bytes, prev_hash, hash)
    SELECT head + 1 + n - first_n, 'national', head + 1 + n - first_n, 1, 'REFERRAL',
           bench.referral_id(n), 1, 'REFERRAL_SUBMITTED', now(), 'spiffe://cpts.bench/user/bulk',
           bench.referral_id(n), 1, '11', bench.filler(n, 512), bench.filler(n, 32),
           bench.filler(n, 32)
      FROM generate_series(first_n, last_n) AS n;
  INSERT INTO cpts.command (principal, command_id, content_hash, aggregate_id, version, log_position)
    SELECT 'spiffe://cpts.bench/user/bulk', bench.referral_id(n), bench.filler(n, 32),
           bench.referral_id(n), 1, head + 1 + n - first_n
      FROM generate_series(first_n, last_n) AS n;
END
$$;

-- As on a server that ran all along: figures of what is over are released. Else it would compute
-- five years of them, period after period, on one of its processors while it is measured.
CREATE FUNCTION bench.figures_release() RETURNS void LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO cpts.referral_release (period, first_day, last_day, threshold_count, synthetic,
      released_at)
    SELECT p.period, p.first_day, p.last_day, 11, true, now()
      FROM (SELECT to_char(q, 'YYYY"-T"Q') AS period, q::date AS first_day,
                   (q + interval '3 months')::date - 1 AS last_day
              FROM generate_series(date_trunc('quarter', now() - interval '6 years'), now(),
                                   interval '3 months') q
            UNION ALL
            SELECT to_char(y, 'YYYY'), y::date, (y + interval '1 year')::date - 1
              FROM generate_series(date_trunc('year', now() - interval '6 years'), now(),
                                   interval '1 year') y) p
     WHERE p.last_day < now()::date
    ON CONFLICT DO NOTHING;
END;

-- As wide as the rows of a submit, and as the new versions of the rows of an accept; keys only.
CREATE TABLE bench.referral (
  referral_id uuid, version int, status text, use_case text, urgency text, profession text,
  unit_code text, origin_id uuid, origin_region text, custodian_id uuid, parties uuid[],
  legal_basis text, signature bytea, offer_hash bytea, content_hash bytea, created_at timestamptz,
  PRIMARY KEY (referral_id, version));
CREATE TABLE bench.content (referral_id uuid PRIMARY KEY, offer bytea, content bytea);
ALTER TABLE bench.content ALTER COLUMN offer SET STORAGE EXTERNAL,
  ALTER COLUMN content SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
CREATE TABLE bench.assignment (
  referral_id uuid, assignment_id uuid, version int, destination_id uuid, state text, wrap bytea,
  state_at timestamptz, PRIMARY KEY (referral_id, assignment_id, version));
CREATE TABLE bench.clock (
  referral_id uuid, assignment_id uuid, kind text, fire_at timestamptz,
  PRIMARY KEY (referral_id, assignment_id, kind));
GRANT INSERT ON bench.referral, bench.content, bench.assignment, bench.clock TO cpts_app;

-- The server on Node.js writes the rows itself, where ours may only call functions.
GRANT INSERT, UPDATE ON cpts.referral, cpts.assignment TO cpts_app;
GRANT INSERT ON cpts.referral_content TO cpts_app;
GRANT SELECT, INSERT, DELETE ON cpts.referral_clock TO cpts_app;
