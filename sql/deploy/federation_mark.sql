-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_mark
-- What this node stored of a peer without an entry of the log that says so: images of a snapshot, of
-- a repair, of other regions' directory. Peers of this node read their news from its log; so it
-- appends an entry of its own, and marks which aggregates that one stands for. Referrals of a CPTS that
-- another region leads now are marked as well (referrals_follow()).
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.sync_mark (
  aggregate_kind text   NOT NULL,
  aggregate_id   uuid   NOT NULL,
  position       bigint NOT NULL,
  peer           text   NOT NULL,
  CONSTRAINT sync_mark_key PRIMARY KEY (aggregate_id, aggregate_kind),
  CONSTRAINT sync_mark_position_range CHECK (position >= 1)
);
CREATE INDEX sync_mark_position_idx ON cpts.sync_mark (position);
COMMENT ON TABLE cpts.sync_mark
  IS 'Aggregates to be told to this node''s peers without an entry of their own, each with its last time only: it is told whole with that position of the log.';
COMMENT ON COLUMN cpts.sync_mark.aggregate_kind IS 'As in change_log.';
COMMENT ON COLUMN cpts.sync_mark.aggregate_id IS 'The aggregate.';
COMMENT ON COLUMN cpts.sync_mark.position IS 'Local position of the entry IMAGES_TO_TELL that stands for it.';
COMMENT ON COLUMN cpts.sync_mark.peer IS 'Peer that told it, which is not told it again; empty: this node''s own.';

CREATE FUNCTION cpts.node_id(name text) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT encode(set_byte(set_byte(h.digest, 6, get_byte(h.digest, 6) & 15 | 128), 8,
                                 get_byte(h.digest, 8) & 63 | 128), 'hex')
            FROM (SELECT substring(sha256('cpts.node'::bytea || '\x00'::bytea || name::bytea)
                                   FOR 16) AS digest) h)::uuid;
COMMENT ON FUNCTION cpts.node_id(text)
  IS 'Id of a node as an aggregate of the log, as the server derives it (wire/uuid.c).';

CREATE FUNCTION cpts.sync_whole_bytes(kind text, id uuid) RETURNS bigint
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN CASE kind
    WHEN 'REFERRAL' THEN cpts.sync_sealed_bytes(id, true, NULL)
    WHEN 'ATTACHMENT' THEN
      (SELECT 2000 + 2 * m.byte_count::bigint FROM cpts.referral_attachment m
        WHERE m.attachment_id = id)
    WHEN 'KEY' THEN
      (SELECT sum(2000 + 2 * octet_length(k.entry)) FROM cpts.key_statement k WHERE k.cpts_id = id)
    WHEN 'CPTS' THEN
      (SELECT cpts.sync_cpts_bytes(c.version::int) FROM cpts.cpts c WHERE c.cpts_id = id)
    WHEN 'ZONING' THEN 1000000 ELSE 1000 END;
END
$$;
COMMENT ON FUNCTION cpts.sync_whole_bytes(text, uuid)
  IS 'Roughly the bytes of the whole image of an aggregate: batches are cut by it.';

CREATE FUNCTION cpts.sync_has_others(node text, peer text) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.sync_cursor c
                  WHERE c.peer <> ALL (ARRAY[sync_has_others.peer, 'national']))
      OR (node = 'national'
          AND EXISTS (SELECT FROM cpts.node n
                       WHERE n.status = 'ENROLLED'
                         AND n.name <> ALL (ARRAY[sync_has_others.peer, 'national'])));
END
$$;
COMMENT ON FUNCTION cpts.sync_has_others(text, text)
  IS 'Whether anybody reads this node''s log but that peer and the node above: a replica that has come once, another region.';

CREATE FUNCTION cpts.images_to_tell_bytes(node text, peer text, kinds text[], ids uuid[])
  RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '\x0801'::bytea || cpts.wire_field(2, cpts.node_id(node)::text::bytea)
         || cpts.wire_field(127, cpts.wire_field(1, convert_to(peer, 'UTF8'))
              || '\x10'::bytea || cpts.wire_varint(cardinality(ids))
              || cpts.wire_field(3, (SELECT sha256(string_agg(convert_to(a.kind || ' ' || a.id
                                              || E'\n', 'UTF8'), '' ORDER BY a.id, a.kind))
                                       FROM unnest(kinds, ids) a (kind, id))));
COMMENT ON FUNCTION cpts.images_to_tell_bytes(text, text, text[], uuid[])
  IS 'cpts.v1.Change with ImagesToTell (field 127), packed by this node as every change: who told them, how many, SHA-256 of which.';

CREATE FUNCTION cpts.sync_mark_all(node text, peer text, kinds text[], ids uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  part        record;
  at_position bigint;
BEGIN
  FOR part IN
    SELECT array_agg(w.kind) AS kinds, array_agg(w.id) AS ids
      FROM (SELECT a.n, a.kind, a.id,
                   sum(cpts.sync_whole_bytes(a.kind, a.id)) OVER (ORDER BY a.n) / 8000000 AS weight,
                   a.n / 256 AS number
              FROM unnest(kinds, ids) WITH ORDINALITY a (kind, id, n)) w
     GROUP BY floor(w.weight), w.number
     ORDER BY min(w.n) LOOP
    at_position := cpts.log_append('NODE', cpts.node_id(node), 1, 1, 'IMAGES_TO_TELL', '',
      cpts.images_to_tell_bytes(node, peer, part.kinds, part.ids),
      coalesce(nullif(current_setting('app.principal', true), ''), node), gen_random_uuid(), '');
    INSERT INTO cpts.sync_mark AS m (aggregate_kind, aggregate_id, position, peer)
      SELECT a.kind, a.id, at_position, sync_mark_all.peer
        FROM unnest(part.kinds, part.ids) a (kind, id)
      ON CONFLICT (aggregate_id, aggregate_kind)
      DO UPDATE SET position = excluded.position, peer = excluded.peer;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.sync_mark_all(text, text, text[], uuid[])
  IS 'Marks aggregates, with an entry for 256 or some eight megabytes of them: as much as a batch may tell at once.';

CREATE FUNCTION cpts.sync_mark_images(t cpts.sync_terms, stored cpts.sync_image[],
    fresh_kinds text[], fresh_ids uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF t.urgent OR current_setting('app.log_read_only', true) <> ''
     OR NOT cpts.sync_has_others(t.node, t.peer) THEN
    RETURN;
  END IF;
  PERFORM cpts.sync_mark_all(t.node, t.peer, array_agg(i.aggregate_kind ORDER BY i.n),
                             array_agg(i.aggregate_id ORDER BY i.n))
     FROM unnest(stored) i
    WHERE NOT EXISTS (SELECT FROM unnest(fresh_kinds, fresh_ids) f (kind, id)
                       WHERE f.kind = i.aggregate_kind AND f.id = i.aggregate_id)
      AND (t.repair OR t.restore OR i.aggregate_kind <> ALL ('{PATHWAY,ATTACHMENT}'::text[]));
END
$$;
COMMENT ON FUNCTION cpts.sync_mark_images(cpts.sync_terms, cpts.sync_image[], text[], uuid[])
  IS 'Marks the images stored that no entry of this transaction (fresh) is about. Not marked: urgent ones, whose entries follow; pathways and attachments of a live batch, which follow their referral at each node; anything while this node is fenced, for its peers begin anew after that; or if nobody else reads its log.';

REVOKE EXECUTE ON FUNCTION cpts.sync_has_others(text, text), cpts.sync_whole_bytes(text, uuid),
  cpts.sync_mark_all(text, text, text[], uuid[]),
  cpts.sync_mark_images(cpts.sync_terms, cpts.sync_image[], text[], uuid[]) FROM PUBLIC;

COMMIT;
