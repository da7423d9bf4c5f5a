-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:log
-- The change log and the outcomes of commands. Every writer of a node's log
-- (write lane, slow lane, clocks, federation apply) takes cpts.log_lock_key()
-- as the first statement of its transaction and then calls cpts.log_begin():
-- positions are therefore gap-free and in commit order, with any number of
-- servers on one database.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE DOMAIN cpts.sha256 AS bytea
  CONSTRAINT change_log_hash_length CHECK (octet_length(VALUE) = 32);
COMMENT ON DOMAIN cpts.sha256 IS 'A SHA-256 digest, 32 bytes.';

CREATE TABLE cpts.change_log (
  local_position  bigint      NOT NULL,
  origin_node     text        NOT NULL,
  origin_position bigint      NOT NULL,
  epoch           int         NOT NULL,
  aggregate_kind  text        NOT NULL,
  aggregate_id    uuid        NOT NULL,
  version         int         NOT NULL,
  kind            text        NOT NULL,
  recorded_at     timestamptz NOT NULL,
  actor           text        NOT NULL,
  command_id      uuid        NOT NULL,
  schema_version  int         NOT NULL,
  lead_region     text        NOT NULL,
  bytes           bytea       NOT NULL,
  prev_hash       cpts.sha256 NOT NULL,
  hash            cpts.sha256 NOT NULL,
  CONSTRAINT change_log_key PRIMARY KEY (local_position),
  CONSTRAINT change_log_origin UNIQUE (origin_node, origin_position)
);
COMMENT ON TABLE cpts.change_log IS 'Every change this node holds, its own and its peers'', append-only.';
COMMENT ON COLUMN cpts.change_log.origin_node IS 'Node that made the change, for example national or region/11.';
COMMENT ON COLUMN cpts.change_log.aggregate_kind IS 'CPTS (later: REFERRAL and others).';
COMMENT ON COLUMN cpts.change_log.aggregate_id IS 'UUID of the aggregate; for a CPTS its cpts_id.';
COMMENT ON COLUMN cpts.change_log.version IS 'Version of the aggregate after the change, from 1.';
COMMENT ON COLUMN cpts.change_log.kind IS 'What happened: CPTS_CREATED, CPTS_UPDATED, CPTS_STAGE_RECORDED, CPTS_TERRITORY_SET.';
COMMENT ON COLUMN cpts.change_log.recorded_at IS 'When this node recorded it; never decreasing along local_position.';
COMMENT ON COLUMN cpts.change_log.actor IS 'Identity that commanded it, a SPIFFE URI.';
COMMENT ON COLUMN cpts.change_log.command_id IS 'UUID of the command, chosen by the caller.';
COMMENT ON COLUMN cpts.change_log.schema_version IS 'Version of the message in bytes, from 1.';
COMMENT ON COLUMN cpts.change_log.local_position IS 'Gap-free from 1, in commit order, on this node.';
COMMENT ON COLUMN cpts.change_log.origin_position IS 'Gap-free from 1 in the log of the node that made the change.';
COMMENT ON COLUMN cpts.change_log.epoch IS 'Epoch of the ownership of the aggregate.';
COMMENT ON COLUMN cpts.change_log.bytes
  IS 'cpts.v1.Change as its owner packed it, never packed again.';
COMMENT ON COLUMN cpts.change_log.prev_hash IS 'Hash of the origin''s change before this one; 32 zero bytes at first.';
COMMENT ON COLUMN cpts.change_log.hash
  IS 'sha256(prev_hash, origin_position as 8 big-endian bytes, bytes).';
COMMENT ON COLUMN cpts.change_log.lead_region IS 'Lead region when recorded; for row-level security.';

CREATE TABLE cpts.command (
  principal      text   NOT NULL,
  command_id     uuid   NOT NULL,
  content_hash   bytea  NOT NULL,
  aggregate_id   uuid   NOT NULL,
  version        int    NOT NULL,
  log_position   bigint NOT NULL,
  CONSTRAINT command_key PRIMARY KEY (principal, command_id)
);
COMMENT ON TABLE cpts.command
  IS 'Outcomes of the commands that changed something, for replay. A refused command left nothing and is judged again.';
COMMENT ON COLUMN cpts.command.principal IS 'Identity that sent it, a SPIFFE URI.';
COMMENT ON COLUMN cpts.command.command_id IS 'UUID chosen by the caller, one per intention.';
COMMENT ON COLUMN cpts.command.aggregate_id IS 'UUID of what it changed.';
COMMENT ON COLUMN cpts.command.version IS 'Version of the aggregate after it.';
COMMENT ON COLUMN cpts.command.log_position IS 'Position of its change in the log (change_log.local_position).';
COMMENT ON COLUMN cpts.command.content_hash IS 'SHA-256 of the method''s name, a zero byte and the packed request.';

CREATE FUNCTION cpts.log_lock_key() RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 4711;
COMMENT ON FUNCTION cpts.log_lock_key()
  IS 'Advisory lock of the node''s log in this database. Lock order: this one, then anything.';

CREATE FUNCTION cpts.log_begin(node text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  head_position   bigint;
  own_position    bigint;
  own_hash        bytea;
  last_recorded   timestamptz;
BEGIN
  SELECT l.local_position, l.recorded_at INTO head_position, last_recorded
    FROM cpts.change_log l ORDER BY l.local_position DESC LIMIT 1;
  SELECT l.origin_position, l.hash INTO own_position, own_hash
    FROM cpts.change_log l WHERE l.origin_node = node ORDER BY l.origin_position DESC LIMIT 1;
  PERFORM set_config('app.log_node', node, true),
          set_config('app.log_now', greatest(clock_timestamp(), last_recorded)::text, true),
          set_config('app.log_start', coalesce(head_position, 0)::text, true),
          set_config('app.log_position', coalesce(head_position, 0)::text, true),
          set_config('app.log_origin_position', coalesce(own_position, 0)::text, true),
          set_config('app.log_hash', encode(coalesce(own_hash, decode(repeat('00', 32), 'hex')), 'hex'), true);
  RETURN coalesce(head_position, 0);
END
$$;
COMMENT ON FUNCTION cpts.log_begin(text)
  IS 'Loads the head of the log into transaction-local settings; after the lock, before any command. SECURITY DEFINER: row-level security would hide part of the log.';

CREATE FUNCTION cpts.log_head() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN coalesce((SELECT l.local_position FROM cpts.change_log l
                    ORDER BY l.local_position DESC LIMIT 1), 0);
COMMENT ON FUNCTION cpts.log_head()
  IS 'Last position of the log, 0 when it is empty, whatever the caller''s scope.';

CREATE FUNCTION cpts.log_now() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.log_now')::timestamptz;
COMMENT ON FUNCTION cpts.log_now()
  IS 'When this transaction records: taken after the lock, never before an earlier entry, so that log order is recorded order.';

CREATE FUNCTION cpts.known_at(moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(moment, timestamptz '9999-12-31 00:00:00Z');
COMMENT ON FUNCTION cpts.known_at(timestamptz)
  IS 'Instant at which a read is believed; NULL is what is believed now, whatever the clock says.';

CREATE FUNCTION cpts.log_append(aggregate_kind text, aggregate_id uuid, version int, epoch int,
    kind text, lead_region text, bytes bytea, principal text, command_id uuid, content_hash bytea)
  RETURNS bigint
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  position_next bigint := current_setting('app.log_position')::bigint + 1;
  origin_next   bigint := current_setting('app.log_origin_position')::bigint + 1;
  prev_hash     bytea  := decode(current_setting('app.log_hash'), 'hex');
  hash          bytea  := sha256(prev_hash || int8send(origin_next) || bytes);
  ignored       text;
BEGIN
  IF current_setting('app.log_read_only', true) <> '' THEN
    RAISE EXCEPTION USING ERRCODE = 'CPT01',
      MESSAGE = 'this node takes no commands: ' || current_setting('app.log_read_only');
  END IF;
  WITH outcome AS (
    INSERT INTO cpts.command (principal, command_id, content_hash, aggregate_id, version, log_position)
      VALUES (principal, command_id, content_hash, aggregate_id, version, position_next)
  )
  INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch, aggregate_kind,
      aggregate_id, version, kind, recorded_at, actor, command_id, schema_version, lead_region,
      bytes, prev_hash, hash)
    VALUES (position_next, current_setting('app.log_node'), origin_next, epoch, aggregate_kind,
      aggregate_id, version, kind, cpts.log_now(), principal, command_id, 1, lead_region,
      bytes, prev_hash, hash);
  -- Assignments: PERFORM would run a statement for them.
  ignored := set_config('app.log_position', position_next::text, true);
  ignored := set_config('app.log_origin_position', origin_next::text, true);
  ignored := set_config('app.log_hash', encode(hash, 'hex'), true);
  RETURN position_next;
END
$$;
COMMENT ON FUNCTION cpts.log_append(text, uuid, int, int, text, text, bytea, text, uuid, bytea)
  IS 'Takes the next position, chains the hash, stores the change and the outcome of its command. Needs cpts.log_begin() before it in the same transaction. SQLSTATE CPT01 on a node that takes no commands: the server refuses them before.';

CREATE FUNCTION cpts.log_notify() RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF current_setting('app.log_position') <> current_setting('app.log_start') THEN
    PERFORM pg_notify('cpts_log', current_setting('app.log_position'));
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.log_notify() IS 'Wakes the listeners of cpts_log once, when the transaction appended.';

ALTER TABLE cpts.change_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.change_log FORCE ROW LEVEL SECURITY;
CREATE POLICY change_log_read ON cpts.change_log FOR SELECT
  USING (current_setting('app.scope', true) = '*' OR cpts.may_write(lead_region, aggregate_id));
CREATE POLICY change_log_append ON cpts.change_log FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, aggregate_id));

ALTER TABLE cpts.command ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.command FORCE ROW LEVEL SECURITY;
CREATE POLICY command_read ON cpts.command FOR SELECT
  USING (principal = current_setting('app.principal', true));
CREATE POLICY command_append ON cpts.command FOR INSERT
  WITH CHECK (principal = current_setting('app.principal', true));

GRANT SELECT, INSERT ON cpts.change_log TO cpts_app;
GRANT SELECT, INSERT ON cpts.command TO cpts_app;

REVOKE EXECUTE ON FUNCTION cpts.log_begin(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.log_begin(text) TO cpts_app;

COMMIT;
