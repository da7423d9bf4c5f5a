-- SPDX-License-Identifier: Apache-2.0
-- What the benchmark adds to a database: CPTS by number, ids to pick from, and
-- the three plain tables of the plain insert. Run by a superuser.
\set ON_ERROR_STOP on
CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO cpts_app;

-- CPTS number n: an id that pgbench can make from a number.
CREATE FUNCTION bench.cpts_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid;

-- Registers the CPTS first_n .. first_n + n_count - 1, all at EMERGENCE with version 1.
CREATE FUNCTION bench.fill(first_n bigint, n_count bigint) RETURNS void LANGUAGE plpgsql
  SET session_replication_role = replica
AS $$
BEGIN
  INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on,
      synthetic, created_at, updated_at)
    SELECT bench.cpts_id(n), 'national', 1, 1, 'CPTS du banc ' || n, '11', 'EMERGENCE', '2020-01-01',
           true, now(), now()
      FROM generate_series(first_n, first_n + n_count - 1) AS n;
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region, valid_from, recorded_from)
    SELECT bench.cpts_id(n), 1, 'EMERGENCE', '11', '2020-01-01', now()
      FROM generate_series(first_n, first_n + n_count - 1) AS n;
END
$$;

-- Makes the log longer: its last entry again and again. The hashes are not
-- chained; who reads the log does not look at them.
CREATE FUNCTION bench.log_fill(n_count bigint) RETURNS void LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch, aggregate_kind,
      aggregate_id, version, kind, recorded_at, actor, command_id, schema_version, lead_region,
      bytes, prev_hash, hash)
    SELECT l.local_position + n, l.origin_node, l.origin_position + n, l.epoch, l.aggregate_kind,
           l.aggregate_id, l.version, l.kind, l.recorded_at, l.actor, gen_random_uuid(),
           l.schema_version, l.lead_region, l.bytes, l.prev_hash, l.hash
      FROM cpts.change_log l, generate_series(1, n_count) AS n
     WHERE l.local_position = cpts.log_head();
END;

CREATE TABLE bench.pick (n int PRIMARY KEY, id uuid NOT NULL);
GRANT SELECT ON bench.pick TO cpts_app;

-- As wide as a stage, a log entry and a command's outcome; keys only.
CREATE TABLE bench.stage (
  cpts_id uuid, version int, stage text, lead_region text, valid_from date, recorded_from timestamptz,
  PRIMARY KEY (cpts_id, version));
CREATE TABLE bench.log (
  position bigint PRIMARY KEY, origin text, aggregate_id uuid, version int, kind text,
  recorded_at timestamptz, actor text, bytes bytea, prev_hash bytea, hash bytea);
CREATE TABLE bench.command (
  principal text, command_id uuid, content_hash bytea, aggregate_id uuid, version int, position bigint,
  PRIMARY KEY (principal, command_id));
-- Positions of a log that may have gaps.
CREATE SEQUENCE bench.log_position START 1000000000000;
GRANT USAGE ON SEQUENCE bench.log_position TO cpts_app;
GRANT SELECT (position) ON bench.log TO cpts_app;
GRANT INSERT ON bench.stage, bench.log, bench.command TO cpts_app;
