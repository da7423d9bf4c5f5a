-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_keep
-- What a node keeps of its peers: snapshots until they are whole, checkpoints, how far each has
-- stored what; and what it does when it was found to be an old copy of itself.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.sync_chain(node text, OUT chain_position bigint, OUT chain_hash bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  withheld record;
BEGIN
  SELECT l.origin_position, l.hash INTO chain_position, chain_hash FROM cpts.change_log l
   WHERE l.origin_node = node ORDER BY l.origin_position DESC LIMIT 1;
  SELECT w.last_position, w.hash INTO withheld FROM cpts.sync_withheld w
   WHERE w.origin_node = node ORDER BY w.last_position DESC LIMIT 1;
  IF withheld.last_position > coalesce(chain_position, 0) THEN
    chain_position := withheld.last_position;
    chain_hash := withheld.hash;
  END IF;
  chain_position := coalesce(chain_position, 0);
  chain_hash := coalesce(chain_hash, '');
END
$$;
COMMENT ON FUNCTION cpts.sync_chain(text)
  IS 'Last position of a node''s chain that is known here, and the hash there; 0 and empty: none. SECURITY DEFINER: row-level security would hide part of the log.';

CREATE FUNCTION cpts.sync_chain_hash(node text, at_position bigint) RETURNS bytea
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  RETURN coalesce((SELECT l.hash FROM cpts.change_log l
                    WHERE l.origin_node = node AND l.origin_position = at_position),
                  (SELECT w.hash FROM cpts.sync_withheld w
                    WHERE w.origin_node = node AND w.last_position = at_position),
                  (SELECT c.origin_hash FROM cpts.sync_cursor c
                    WHERE c.peer = node AND c.origin_position = at_position), '');
END
$$;
COMMENT ON FUNCTION cpts.sync_chain_hash(text, bigint)
  IS 'Hash of a node''s chain at a position, as it is known here; empty: it is not. SECURITY DEFINER: as cpts.sync_chain().';

CREATE FUNCTION cpts.sync_scope_hash(scope text) RETURNS bytea
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT sha256(convert_to(scope || E'\n1\n' || string_agg(
           concat_ws(' ', t.aggregate_kind, t.table_name, t.is_public), E'\n' ORDER BY t.rank), 'UTF8'))
    FROM cpts.sync_table t;
END;
COMMENT ON FUNCTION cpts.sync_scope_hash(text)
  IS 'SHA-256 of what a scope may see: its text, the version of the records, the tables that travel.';

CREATE FUNCTION cpts.sync_acknowledged(of_peer text, at_position bigint) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  INSERT INTO cpts.sync_cursor AS c (peer, acknowledged_position, acknowledged_at)
    VALUES (of_peer, at_position, clock_timestamp())
    ON CONFLICT (peer) DO UPDATE
      SET acknowledged_position = greatest(c.acknowledged_position, excluded.acknowledged_position),
          acknowledged_at = excluded.acknowledged_at
    RETURNING acknowledged_position;
END;
COMMENT ON FUNCTION cpts.sync_acknowledged(text, bigint)
  IS 'A peer has stored everything up to a local position; gives the greatest that it said.';

CREATE FUNCTION cpts.sync_checkpoint_keep(of_node text, at_position bigint, of_hash bytea,
    signed_us bigint, of_signature bytea, of_key bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  known bytea := cpts.sync_chain_hash(of_node, at_position);
BEGIN
  INSERT INTO cpts.sync_checkpoint (node, position, hash, signed_at, signature, key_id, kept_at)
    VALUES (of_node, at_position, of_hash, cpts.sync_moment(signed_us), of_signature, of_key,
            clock_timestamp())
    ON CONFLICT DO NOTHING;
  -- What was late is signed now: its detail begins with the position that waited.
  UPDATE cpts.federation_alarm a SET cleared_at = clock_timestamp(), cleared_by = 'signed'
   WHERE a.peer = of_node AND a.alarm = 'CHECKPOINT_LATE' AND a.cleared_at IS NULL
     AND known IN ('', of_hash)
     AND at_position <= (SELECT c.origin_position FROM cpts.sync_cursor c WHERE c.peer = of_node)
     AND at_position >= substring(a.detail FROM '^[0-9]{1,18}')::bigint;
  RETURN known IN ('', of_hash);
END
$$;
COMMENT ON FUNCTION cpts.sync_checkpoint_keep(text, bigint, bytea, bigint, bytea, bytea)
  IS 'Keeps a signed point of a chain; whether it agrees with what is here. The first one of a position stays. Takes down the alarm that it was late.';

CREATE FUNCTION cpts.sync_checkpoint_head(of_node text, OUT chain_position bigint,
    OUT chain_hash bytea,
    OUT signed_position bigint, OUT signed_at bigint, OUT oldest_at bigint, OUT signed_hash bytea,
    OUT signature bytea, OUT key_id bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  upto   bigint;
  moved  timestamptz;
BEGIN
  SELECT c.chain_position, c.chain_hash INTO chain_position, chain_hash
    FROM cpts.sync_chain(of_node) c;
  SELECT c.origin_position, c.stored_at INTO upto, moved FROM cpts.sync_cursor c
   WHERE c.peer = of_node;
  upto := greatest(chain_position, upto);
  SELECT k.position, cpts.unix_us(k.signed_at), k.hash, k.signature, k.key_id
    INTO signed_position, signed_at, signed_hash, signature, key_id
    FROM cpts.sync_checkpoint k
   WHERE k.node = of_node AND k.position <= upto
     AND cpts.sync_chain_hash(of_node, k.position) IN ('', k.hash)
   ORDER BY k.position DESC LIMIT 1;
  signed_position := coalesce(signed_position, 0);
  SELECT cpts.unix_us(l.recorded_at) INTO oldest_at FROM cpts.change_log l
   WHERE l.origin_node = of_node AND l.origin_position > signed_position
   ORDER BY l.origin_position LIMIT 1;
  signed_at := coalesce(signed_at, 0);
  -- Of entries that this node may not see, when the last of them were.
  oldest_at := CASE WHEN signed_position >= upto THEN 0
                    ELSE coalesce(oldest_at, cpts.unix_us(moved), 0) END;
  signed_hash := coalesce(signed_hash, '');
  signature := coalesce(signature, '');
  key_id := coalesce(key_id, '');
END
$$;
COMMENT ON FUNCTION cpts.sync_checkpoint_head(text)
  IS 'The end of a chain and its last checkpoint that is of it: sql/query/federation_checkpoint_head.sql. SECURITY DEFINER: as cpts.sync_chain().';

CREATE FUNCTION cpts.sync_stage(of_peer text, of_snapshot uuid, of_chunk int, at_position bigint,
    image_kinds text[], image_ids uuid[], image_versions int[], image_epochs int[],
    image_owners text[], image_regions text[], image_publics boolean[],
    row_images int[], row_kinds text[], row_firsts bigint[], row_lasts bigint[], row_bodies text[],
    image_refusals text[]) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  DELETE FROM cpts.sync_staged s WHERE s.peer = of_peer AND s.snapshot_id <> of_snapshot;
  IF NOT EXISTS (SELECT FROM cpts.sync_staged s
                  WHERE s.peer = of_peer AND s.snapshot_id = of_snapshot AND s.chunk = of_chunk) THEN
    INSERT INTO cpts.sync_staged (peer, snapshot_id, chunk, item, aggregate_kind, aggregate_id,
        version, epoch, owner_node, lead_region, public_only, kinds, recorded_from, recorded_to,
        bodies, refusal)
      SELECT of_peer, of_snapshot, of_chunk, 0, '', of_snapshot, 0, 0, '', at_position::text, false,
             '{}', '{}', '{}', '{}', ''
      UNION ALL
      SELECT of_peer, of_snapshot, of_chunk, i.n, i.kind, i.id, i.version, i.epoch, i.owner,
             i.region, i.is_public, coalesce(r.kinds, '{}'), coalesce(r.firsts, '{}'),
             coalesce(r.lasts, '{}'), coalesce(r.bodies, '{}'), i.refusal
        FROM unnest(image_kinds, image_ids, image_versions, image_epochs, image_owners,
                    image_regions, image_publics, image_refusals) WITH ORDINALITY
             AS i (kind, id, version, epoch, owner, region, is_public, refusal, n)
        LEFT JOIN (SELECT u.n, array_agg(u.kind) AS kinds, array_agg(u.first) AS firsts,
                          array_agg(u.last) AS lasts, array_agg(u.body) AS bodies
                     FROM unnest(row_images, row_kinds, row_firsts, row_lasts, row_bodies)
                          AS u (n, kind, first, last, body)
                    GROUP BY u.n) r ON r.n = i.n;
  END IF;
  RETURN (SELECT count(*) FROM cpts.sync_staged s
           WHERE s.peer = of_peer AND s.snapshot_id = of_snapshot AND s.item = 0);
END
$$;
COMMENT ON FUNCTION cpts.sync_stage(text, uuid, int, bigint, text[], uuid[], int[], int[], text[], text[], boolean[], int[], text[], bigint[], bigint[], text[], text[])
  IS 'Keeps a chunk of a snapshot; gives how many there are. Another snapshot removes what was staged of the peer.';

CREATE FUNCTION cpts.sync_remove(of_kind text, ids uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  s record;
BEGIN
  FOR s IN SELECT t.table_name FROM cpts.sync_table t
            WHERE t.aggregate_kind = of_kind ORDER BY t.rank DESC LOOP
    PERFORM cpts.sync_clean(of_kind, s.table_name, ids, '{}');
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.sync_remove(text, uuid[]) IS 'Removes aggregates from all their tables.';

CREATE FUNCTION cpts.sync_remove_others(t cpts.sync_terms, of_snapshot uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  of_kind  text;
  is_above boolean := t.scope = '*';
  ids      uuid[];
BEGIN
  FOR of_kind IN SELECT k FROM cpts.sync_kinds() k LOOP
    ids := ARRAY(
      SELECT l.aggregate_id
        FROM cpts.sync_list(CASE WHEN is_above THEN replace(t.node, '/', ':') ELSE '*' END,
                            CASE WHEN is_above THEN t.node ELSE t.peer END, NOT is_above, of_kind,
                            '00000000-0000-0000-0000-000000000000', NULL) l
       WHERE NOT EXISTS (SELECT FROM cpts.sync_staged s
                          WHERE s.peer = t.peer AND s.snapshot_id = of_snapshot
                            AND s.aggregate_kind = of_kind AND s.aggregate_id = l.aggregate_id));
    IF cardinality(ids) > 0 THEN
      PERFORM cpts.sync_remove(of_kind, ids);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.sync_remove_others(cpts.sync_terms, uuid)
  IS 'Removes what this node has of the peer and the staged snapshot has not.';

CREATE FUNCTION cpts.sync_activate(node text, peer text, scope text, words text, of_snapshot uuid,
    chunk_count int, cursor_epoch int, cursor_position bigint, peer_head bigint, scope_hash bytea,
    schema_version int, origin_position bigint, origin_hash bytea) RETURNS cpts.sync_applied
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO' SET work_mem = '64MB'
AS $$
DECLARE
  -- A node that has answered nothing about this peer's facts takes the owner's dates of belief.
  t       cpts.sync_terms := ROW(node, peer, scope, true, false, false,
            NOT EXISTS (SELECT FROM cpts.sync_cursor c
                         WHERE c.peer = sync_activate.peer AND c.stored_at IS NOT NULL));
  images  cpts.sync_image[];
  records cpts.sync_record[];
  a       cpts.sync_applied;
  one     record;
  of_chunk int;
BEGIN
  a := ROW(0, 0, 0, 0, 0, 0, 0);
  -- Another session activated it already, or began another one: what is missing is no removal.
  IF (SELECT count(*) FROM cpts.sync_staged s
       WHERE s.peer = sync_activate.peer AND s.snapshot_id = of_snapshot AND s.item = 0)
     <> chunk_count THEN
    RAISE EXCEPTION 'a snapshot of % chunks is not staged whole', chunk_count USING ERRCODE = 'CPF02';
  END IF;
  PERFORM cpts.sync_remove_others(t, of_snapshot);
  FOR of_chunk IN SELECT s.chunk FROM cpts.sync_staged s
                   WHERE s.peer = sync_activate.peer AND s.snapshot_id = of_snapshot AND s.item = 0
                   ORDER BY s.chunk LOOP
    SELECT array_agg(ROW(s.item, s.aggregate_kind, s.aggregate_id, s.version, s.epoch, s.owner_node,
                         s.lead_region, 0, s.public_only, s.refusal,
                         false)::cpts.sync_image ORDER BY s.item)
      INTO images FROM cpts.sync_staged s
     WHERE s.peer = sync_activate.peer AND s.snapshot_id = of_snapshot AND s.chunk = of_chunk
       AND s.item > 0;
    records := ARRAY(SELECT ROW(s.item, r.kind, r.first, r.last, r.body)::cpts.sync_record
                       FROM cpts.sync_staged s
                      CROSS JOIN LATERAL unnest(s.kinds, s.recorded_from, s.recorded_to, s.bodies)
                                 AS r (kind, first, last, body)
                      WHERE s.peer = sync_activate.peer AND s.snapshot_id = of_snapshot
                        AND s.chunk = of_chunk);
    CONTINUE WHEN images IS NULL;
    IF 'singly' = ANY (string_to_array(words, ' ')) THEN
      SELECT s.stored_count, s.absorbed_count, s.newly_parked_count INTO one
        FROM cpts.sync_apply_singly(t, images, records, '{}', '{}', '{}') s;
    ELSE
      SELECT s.stored_count, s.absorbed_count, s.newly_parked_count INTO one
        FROM cpts.sync_apply_images(t, images, records, '{}', '{}', '{}') s;
    END IF;
    a.stored_count := a.stored_count + one.stored_count;
    a.absorbed_count := a.absorbed_count + one.absorbed_count;
    a.newly_parked_count := a.newly_parked_count + one.newly_parked_count;
  END LOOP;
  DELETE FROM cpts.sync_staged s WHERE s.peer = sync_activate.peer;
  PERFORM cpts.sync_cursor_move(peer, cursor_epoch, cursor_position, peer_head, scope_hash,
            schema_version, origin_position, origin_hash),
          cpts.sync_stored(node);
  a.parked_count := (SELECT count(*) FROM cpts.parked_aggregate p
                      WHERE p.peer = sync_activate.peer AND p.rejected_at IS NULL);
  a.log_position := current_setting('app.log_position')::bigint;
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.sync_activate(text, text, text, text, uuid, int, int, bigint, bigint, bytea, int, bigint, bytea)
  IS 'Puts a staged snapshot in place of what this node has of the peer, with the cursor: sql/query/federation_activate.sql. Fails with CPF02 when not all of its chunks are staged.';

CREATE FUNCTION cpts.sync_fork(of_peer text, after bigint) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  node   text := current_setting('app.log_node');
  kinds  text[];
  ids    uuid[];
  forked int;
BEGIN
  SELECT array_agg(f.aggregate_kind), array_agg(f.aggregate_id) INTO kinds, ids
    FROM (SELECT DISTINCT l.aggregate_kind, l.aggregate_id FROM cpts.change_log l
           WHERE l.origin_node = node AND l.origin_position > after) f;
  WITH moved AS (
    DELETE FROM cpts.change_log l
     WHERE l.origin_node = node AND l.origin_position > after
    RETURNING l.origin_position, l.hash, l.local_position, l.epoch, l.aggregate_kind,
              l.aggregate_id, l.version, l.kind, l.recorded_at, l.actor, l.command_id,
              l.schema_version, l.lead_region, l.bytes, l.prev_hash
  ), forgotten AS (
    DELETE FROM cpts.command c USING moved m
     WHERE c.principal = m.actor AND c.command_id = m.command_id
       AND c.log_position = m.local_position
  ), kept AS (
    INSERT INTO cpts.forked_change (origin_position, hash, peer, local_position, epoch,
        aggregate_kind, aggregate_id, version, kind, recorded_at, actor, command_id,
        schema_version, lead_region, bytes, prev_hash, told, forked_at)
      SELECT m.origin_position, m.hash, of_peer, m.local_position, m.epoch, m.aggregate_kind,
             m.aggregate_id, m.version, m.kind, m.recorded_at, m.actor, m.command_id,
             m.schema_version, m.lead_region, m.bytes, m.prev_hash, '', cpts.log_now()
        FROM moved m
      ON CONFLICT DO NOTHING
  )
  SELECT count(*) INTO forked FROM moved;
  WITH told AS (
    SELECT i.what, i.kind, i.id, i.body, count(*) FILTER (WHERE i.what = 'I') OVER (ORDER BY i.nth) AS n
      FROM cpts.sync_images(node, ARRAY(
             SELECT cpts.sync_touch_now(row_number() OVER (), a.kind, a.id, false)
               FROM unnest(kinds, ids) a (kind, id)))
           WITH ORDINALITY AS i (what, kind, id, version, epoch, node, region, first, last,
             recorded_at, event, actor, command_id, schema_version, content_hash, prev_hash, hash,
             bytes, body, nth)
  ), whole AS (
    SELECT max(t.kind) FILTER (WHERE t.what = 'I') AS kind,
           (array_agg(t.id) FILTER (WHERE t.what = 'I'))[1] AS id,
           json_agg(json_build_object('kind', t.kind, 'row', t.body)) FILTER (WHERE t.what = 'R')::text
             AS rows_told
      FROM told t GROUP BY t.n
  )
  UPDATE cpts.forked_change f SET told = w.rows_told
    FROM whole w
   WHERE f.aggregate_kind = w.kind AND f.aggregate_id = w.id AND f.forked_at = cpts.log_now()
     AND octet_length(w.rows_told) <= 262144
     AND f.origin_position = (SELECT max(g.origin_position) FROM cpts.forked_change g
                               WHERE g.aggregate_id = f.aggregate_id
                                 AND g.aggregate_kind = f.aggregate_kind
                                 AND g.forked_at = f.forked_at);
  -- What began with the fork goes; what it changed comes back whole from the peer.
  PERFORM cpts.sync_remove(b.kind, b.ids)
     FROM (SELECT f.aggregate_kind AS kind, array_agg(DISTINCT f.aggregate_id) AS ids
             FROM cpts.forked_change f
            WHERE f.version = 1 AND f.forked_at = cpts.log_now()
              AND f.aggregate_kind IN (SELECT k FROM cpts.sync_kinds() k)
            GROUP BY f.aggregate_kind) b;
  INSERT INTO cpts.parked_aggregate (parked_id, peer, aggregate_kind, aggregate_id, reason, detail,
      version, epoch, owner_node, lead_region, told, parked_at, last_at, retry_wanted)
    SELECT gen_random_uuid(), of_peer, h.aggregate_kind, h.aggregate_id, 'EPOCH_STALE',
           'changed by this node before it was found to be an old copy', h.version, h.epoch,
           h.owner_node, h.lead_region, '', cpts.log_now(), cpts.log_now(), true
      FROM cpts.sync_heads(coalesce(kinds, '{}'), coalesce(ids, '{}')) h
    ON CONFLICT (peer, aggregate_kind, aggregate_id) WHERE rejected_at IS NULL
    DO UPDATE SET retry_wanted = true;
  RETURN forked;
END
$$;
COMMENT ON FUNCTION cpts.sync_fork(text, bigint)
  IS 'Moves this node''s own entries after an origin position out of the log; what they created is removed, what they changed is parked, to be fetched from the peer.';

CREATE FUNCTION cpts.sync_restore_begin(of_node text, of_peer text, known_position bigint,
    known_hash bytea, OUT forked_count int, OUT from_position bigint)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
BEGIN
  forked_count := 0;
  IF EXISTS (SELECT FROM cpts.node_self s
              WHERE s.read_only = 'FENCED' AND s.restored_from = of_peer) THEN
    from_position := (SELECT c.chain_position FROM cpts.sync_chain(of_node) c);
    RETURN;
  END IF;
  -- Both agree where the hashes do, else where the peer had acknowledged when the copy was made.
  from_position := CASE WHEN cpts.sync_chain_hash(of_node, known_position) = known_hash
                   THEN known_position
                   ELSE coalesce((SELECT max(l.origin_position) FROM cpts.change_log l
                                   WHERE l.origin_node = of_node AND l.origin_position <= known_position
                                     AND l.local_position <=
                                         (SELECT c.acknowledged_position FROM cpts.sync_cursor c
                                           WHERE c.peer = of_peer)), 0) END;
  forked_count := cpts.sync_fork(of_peer, from_position);
  INSERT INTO cpts.node_self AS s (name, read_only, restored_from)
    VALUES (of_node, 'FENCED', of_peer)
    ON CONFLICT (is_self) DO UPDATE
      SET read_only = excluded.read_only, restored_from = excluded.restored_from,
          stored_at = cpts.log_now();
END
$$;
COMMENT ON FUNCTION cpts.sync_restore_begin(text, text, bigint, bytea)
  IS 'This node was found to be an old copy of itself: sql/query/federation_restore_begin.sql.';

CREATE FUNCTION cpts.sync_restore_end(of_node text, of_peer text, to_epoch int) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO cpts.node_self AS s (name, epoch) VALUES (of_node, greatest(to_epoch, 2))
    ON CONFLICT (is_self) DO UPDATE
      SET epoch = CASE s.read_only WHEN '' THEN greatest(s.epoch, to_epoch)
                                   ELSE greatest(s.epoch + 1, to_epoch) END,
          read_only = '', restored_from = '';
  -- What came back as it had been was no fork.
  DELETE FROM cpts.forked_change f
   USING cpts.change_log l
   WHERE f.peer = of_peer AND l.origin_node = of_node AND l.origin_position = f.origin_position
     AND l.hash = f.hash;
  RETURN (SELECT s.epoch FROM cpts.node_self s);
END
$$;
COMMENT ON FUNCTION cpts.sync_restore_end(text, text, int)
  IS 'What this node lost is back: sql/query/federation_restore_end.sql. Again it changes nothing.';

CREATE FUNCTION cpts.sync_lost(of_node text, of_peer text, to_epoch int, told_position bigint,
    told_hash bytea, OUT own_epoch int, OUT agreed_position bigint, OUT agreed_hash bytea)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  head bigint := (SELECT c.chain_position FROM cpts.sync_chain(of_node) c);
BEGIN
  INSERT INTO cpts.node_self AS s (name, epoch, lost_after) VALUES (of_node, to_epoch, head)
    ON CONFLICT (is_self) DO UPDATE
      SET epoch = greatest(s.epoch, to_epoch),
          lost_after = CASE WHEN to_epoch > s.epoch OR told_position > head
                            THEN least(s.lost_after, head) ELSE s.lost_after END
    RETURNING s.epoch INTO own_epoch;
  -- What is written from now on comes after what the peer has.
  IF told_position > head AND NOT cpts.sync_wrote_since(of_node) THEN
    INSERT INTO cpts.sync_withheld (origin_node, first_position, last_position, hash)
      VALUES (of_node, head + 1, told_position, told_hash);
  END IF;
  SELECT l.origin_position, l.hash INTO agreed_position, agreed_hash FROM cpts.change_log l
   WHERE l.origin_node = of_node
     AND l.local_position <= (SELECT c.acknowledged_position FROM cpts.sync_cursor c
                               WHERE c.peer = of_peer)
   ORDER BY l.origin_position DESC LIMIT 1;
  agreed_position := coalesce(agreed_position, 0);
  agreed_hash := coalesce(agreed_hash, decode(repeat('00', 32), 'hex'));
END
$$;
COMMENT ON FUNCTION cpts.sync_lost(text, text, int, bigint, bytea)
  IS 'A peer knows more of this node''s own chain than there is: sql/query/federation_lost.sql. Again it changes nothing.';

CREATE FUNCTION cpts.sync_parked_retry(one uuid, of_peer text)
  RETURNS TABLE (parked_id uuid, peer text)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  UPDATE cpts.parked_aggregate p SET retry_wanted = true
   WHERE p.rejected_at IS NULL AND (p.parked_id = one OR (one IS NULL AND p.peer = of_peer))
  RETURNING p.parked_id, p.peer;
END;
COMMENT ON FUNCTION cpts.sync_parked_retry(uuid, text)
  IS 'Has a parked aggregate, or all of a peer, fetched whole again.';

CREATE FUNCTION cpts.sync_parked_reject(one uuid, why text, who text, OUT outcome text, OUT peer text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  p record;
BEGIN
  SELECT r.peer, r.aggregate_id, r.rejected_at INTO p
    FROM cpts.parked_aggregate r WHERE r.parked_id = one FOR UPDATE;
  peer := coalesce(p.peer, '');
  outcome := CASE WHEN p.peer IS NULL THEN 'PARKED_NOT_FOUND'
                  WHEN p.rejected_at IS NOT NULL THEN 'ALREADY_REJECTED' ELSE 'OK' END;
  IF outcome = 'OK' THEN
    UPDATE cpts.parked_aggregate r
       SET rejected_at = clock_timestamp(), rejected_by = who, rejected_reason = why,
           retry_wanted = false
     WHERE r.parked_id = one;
    UPDATE cpts.federation_alarm a
       SET cleared_at = clock_timestamp(), cleared_by = who
     WHERE a.peer = p.peer AND a.aggregate = p.aggregate_id::text AND a.cleared_at IS NULL;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.sync_parked_reject(uuid, text, text)
  IS 'Sets a parked aggregate aside: what is here counts. A later image of it is judged anew.';

CREATE FUNCTION cpts.sync_alarm_clear(one bigint, who text) RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  UPDATE cpts.federation_alarm a SET cleared_at = clock_timestamp(), cleared_by = who
   WHERE a.alarm_id = one AND a.cleared_at IS NULL;
  RETURN CASE WHEN FOUND THEN 'OK' ELSE 'ALARM_NOT_FOUND' END;
END
$$;
COMMENT ON FUNCTION cpts.sync_alarm_clear(bigint, text) IS 'Takes an alarm down; what comes again raises a new one.';

CREATE FUNCTION cpts.sync_waiting(after bigint, OUT change_count bigint, OUT oldest_at bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  change_count := greatest(cpts.log_head() - after, 0);
  SELECT cpts.unix_us(l.recorded_at) INTO oldest_at FROM cpts.change_log l
   WHERE l.local_position > after ORDER BY l.local_position LIMIT 1;
  oldest_at := coalesce(oldest_at, 0);
END
$$;
COMMENT ON FUNCTION cpts.sync_waiting(bigint)
  IS 'Changes after a local position, and when the first of them was recorded (microseconds, 0 = none). SECURITY DEFINER: as cpts.sync_chain().';

CREATE FUNCTION cpts.sync_staged_count(of_peer text, OUT snapshot_id uuid, OUT chunk_count int)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SELECT s.snapshot_id, count(*) INTO snapshot_id, chunk_count FROM cpts.sync_staged s
   WHERE s.peer = of_peer AND s.item = 0 GROUP BY s.snapshot_id;
  chunk_count := coalesce(chunk_count, 0);
END
$$;
COMMENT ON FUNCTION cpts.sync_staged_count(text)
  IS 'The snapshot of a peer that is staged, and its chunks; NULL and 0: none. SECURITY DEFINER: cpts_app does not read what is staged.';

CREATE FUNCTION cpts.sync_here(kind text, id uuid, OUT version int, OUT epoch int,
    OUT owner_node text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SELECT h.version, h.epoch, h.owner_node INTO version, epoch, owner_node
    FROM cpts.sync_heads(ARRAY[kind], ARRAY[id]) h;
END
$$;
COMMENT ON FUNCTION cpts.sync_here(text, uuid)
  IS 'Version, epoch and owner of one aggregate as it is here; NULL: it is not. SECURITY DEFINER: row-level security shows no node the referrals of others.';

REVOKE EXECUTE ON FUNCTION cpts.sync_acknowledged(text, bigint),
  cpts.sync_checkpoint_keep(text, bigint, bytea, bigint, bytea, bytea),
  cpts.sync_stage(text, uuid, int, bigint, text[], uuid[], int[], int[], text[], text[], boolean[], int[], text[], bigint[], bigint[], text[], text[]),
  cpts.sync_remove(text, uuid[]), cpts.sync_remove_others(cpts.sync_terms, uuid),
  cpts.sync_activate(text, text, text, text, uuid, int, int, bigint, bigint, bytea, int, bigint, bytea),
  cpts.sync_fork(text, bigint), cpts.sync_restore_begin(text, text, bigint, bytea),
  cpts.sync_restore_end(text, text, int), cpts.sync_lost(text, text, int, bigint, bytea),
  cpts.sync_parked_retry(uuid, text), cpts.sync_parked_reject(uuid, text, text),
  cpts.sync_alarm_clear(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sync_acknowledged(text, bigint),
  cpts.sync_checkpoint_keep(text, bigint, bytea, bigint, bytea, bytea),
  cpts.sync_stage(text, uuid, int, bigint, text[], uuid[], int[], int[], text[], text[], boolean[], int[], text[], bigint[], bigint[], text[], text[]),
  cpts.sync_activate(text, text, text, text, uuid, int, int, bigint, bigint, bytea, int, bigint, bytea),
  cpts.sync_restore_begin(text, text, bigint, bytea), cpts.sync_restore_end(text, text, int),
  cpts.sync_lost(text, text, int, bigint, bytea),
  cpts.sync_parked_retry(uuid, text), cpts.sync_parked_reject(uuid, text, text),
  cpts.sync_alarm_clear(bigint, text) TO cpts_app;

COMMIT;
