-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_list
-- What a peer may see, listed: for snapshots, repairs, what is given back after a restore, and
-- digests, which both sides compute over the same list.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.sync_list(scope text, owner text, is_owner boolean, of_kind text, after uuid,
    most bigint) RETURNS TABLE (aggregate_id uuid, is_public boolean, byte_count bigint)
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  of_region text := CASE WHEN scope LIKE 'region:%' THEN substr(scope, 8) END;
  of_cpts   uuid := CASE WHEN scope LIKE 'cpts:%' THEN substr(scope, 6)::uuid END;
BEGIN
  IF of_kind = 'CPTS' THEN
    RETURN QUERY
      SELECT c.cpts_id, scope <> '*' AND c.lead_region IS DISTINCT FROM of_region
                        AND c.cpts_id IS DISTINCT FROM of_cpts, cpts.sync_cpts_bytes(c.version)
        FROM cpts.cpts c
       WHERE c.cpts_id > after AND (c.owner_node = owner) = is_owner
       ORDER BY c.cpts_id LIMIT most;
  ELSIF of_kind IN ('REFERRAL', 'ATTACHMENT') THEN
    RETURN QUERY
      SELECT coalesce(m.attachment_id, r.referral_id), false,
             CASE of_kind WHEN 'REFERRAL' THEN cpts.sync_sealed_bytes(r.referral_id, true, NULL)
                          ELSE 2000 + 2 * m.byte_count::bigint END
        FROM cpts.referral r
        LEFT JOIN cpts.referral_attachment m
          ON of_kind = 'ATTACHMENT' AND m.referral_id = r.referral_id AND m.logged
       WHERE CASE of_kind WHEN 'REFERRAL' THEN r.referral_id > after ELSE m.attachment_id > after END
         AND (r.owner_node = owner) = is_owner
         AND (scope = '*' OR r.origin_region = of_region OR of_cpts = ANY (r.parties)
              OR EXISTS (SELECT FROM cpts.sync_scope s
                          WHERE s.aggregate_id = r.referral_id AND s.region = of_region))
       ORDER BY 1 LIMIT most;
  ELSIF of_kind = 'PATHWAY' THEN
    RETURN QUERY
      SELECT p.pathway_id, false, 1000::bigint FROM cpts.pathway p
       WHERE p.pathway_id > after AND (p.owner_node = owner) = is_owner
         AND (scope = '*' OR p.origin_region = of_region OR p.origin_id = of_cpts
              OR EXISTS (SELECT FROM cpts.sync_scope s
                          WHERE s.aggregate_id = p.pathway_id
                            AND (s.region = of_region OR s.party_id = of_cpts)))
       ORDER BY 1 LIMIT most;
  ELSIF of_kind = 'KEY' AND scope <> '*' THEN
    RETURN QUERY
      SELECT k.cpts_id, false, sum(2000 + 2 * octet_length(k.entry)) FROM cpts.key_statement k
       WHERE k.cpts_id > after GROUP BY k.cpts_id ORDER BY 1 LIMIT most;
  ELSIF of_kind = 'ZONING' AND scope <> '*' THEN
    RETURN QUERY
      SELECT cpts.zoning_id(g.code), false, 1000000::bigint FROM cpts.region g
       WHERE cpts.zoning_id(g.code) > after
         AND EXISTS (SELECT FROM cpts.unit_zoning z WHERE z.region = g.code)
       ORDER BY 1 LIMIT most;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.sync_list(text, text, boolean, text, uuid, bigint)
  IS 'Aggregates of a kind that a scope may see, owned by that node or by others than it, in order of id after one; and roughly the bytes of each one''s image.';

CREATE FUNCTION cpts.sync_kinds() RETURNS SETOF text
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT DISTINCT t.aggregate_kind COLLATE "C" FROM cpts.sync_table t ORDER BY 1;
END;
COMMENT ON FUNCTION cpts.sync_kinds() IS 'Kinds of aggregates that travel, in byte order.';

CREATE FUNCTION cpts.sync_fetch(node text, scope text, kinds text[], ids uuid[])
  RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
BEGIN
  RETURN NEXT ROW('H', NULL, NULL, NULL, NULL, NULL, NULL, cpts.log_head(), cpts.log_head(), NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::cpts.sync_thing;
  RETURN QUERY SELECT i.* FROM cpts.sync_images(node, ARRAY(
    SELECT cpts.sync_touch_now(row_number() OVER (ORDER BY s.aggregate_kind COLLATE "C",
                                                           s.aggregate_id),
                               s.aggregate_kind, s.aggregate_id, s.sight = 'PUBLIC')
      FROM cpts.sync_sights(scope, kinds, ids) s WHERE s.sight IN ('FULL', 'PUBLIC'))) i;
END
$$;
COMMENT ON FUNCTION cpts.sync_fetch(text, text, text[], uuid[])
  IS 'Whole images of aggregates, as far as a scope may see them.';

CREATE FUNCTION cpts.sync_urgent(node text, peer text, scope text, after bigint)
  RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
DECLARE
  ids uuid[] := ARRAY(SELECT r.referral_id
                        FROM cpts.change_log l
                        JOIN cpts.referral r ON r.referral_id = l.aggregate_id
                       WHERE l.local_position > after AND l.aggregate_kind = 'REFERRAL'
                         AND l.origin_node = node AND r.urgency = 'WITHIN_24H'
                         AND r.ended_at IS NULL
                       GROUP BY r.referral_id ORDER BY max(l.local_position) DESC LIMIT 64);
BEGIN
  RETURN QUERY SELECT f.* FROM cpts.sync_fetch(node, scope,
                                               array_fill('REFERRAL'::text, ARRAY[cardinality(ids)]), ids) f;
END
$$;
COMMENT ON FUNCTION cpts.sync_urgent(text, text, text, bigint)
  IS 'Whole images of the last 64 referrals within 24 hours, still open, that changed after a local position. Their pathways and attachments follow in their turn.';

CREATE FUNCTION cpts.sync_snapshot(node text, peer text, scope text, after_kind text, after_id uuid,
    most int, bytes_max bigint) RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
DECLARE
  own        record;
  kind       text;
  here       text := coalesce(after_kind, '');
  listed     record;
  in_all     bigint;
  byte_count bigint := 0;
  touched    cpts.sync_touch[] := '{}';
BEGIN
  SELECT c.chain_position, c.chain_hash INTO own FROM cpts.sync_chain(node) c;
  IF after_id IS NULL THEN
    SELECT count(*) INTO in_all
      FROM cpts.sync_kinds() k
     CROSS JOIN LATERAL cpts.sync_list(scope, CASE scope WHEN '*' THEN node ELSE peer END, scope = '*',
                                       k, '00000000-0000-0000-0000-000000000000', NULL) a;
  END IF;
  <<filled>>
  FOR kind IN SELECT k FROM cpts.sync_kinds() k WHERE k COLLATE "C" >= here ORDER BY k COLLATE "C" LOOP
    FOR listed IN
      SELECT a.aggregate_id, a.is_public, a.byte_count
        FROM cpts.sync_list(scope, CASE scope WHEN '*' THEN node ELSE peer END, scope = '*', kind,
               CASE WHEN kind = after_kind THEN after_id
                    ELSE '00000000-0000-0000-0000-000000000000' END,
               most - cardinality(touched)) a LOOP
      byte_count := byte_count + listed.byte_count;
      EXIT filled WHEN byte_count > bytes_max AND cardinality(touched) > 0;
      touched := touched || cpts.sync_touch_now(cardinality(touched) + 1, kind, listed.aggregate_id,
                                                listed.is_public);
    END LOOP;
    EXIT filled WHEN cardinality(touched) >= most;
  END LOOP;
  RETURN NEXT ROW('H', NULL, NULL, in_all, (SELECT s.epoch FROM cpts.node_self s), node, NULL,
                  cpts.log_head(), own.chain_position, NULL, NULL, NULL, NULL, NULL,
                  NULL, NULL, own.chain_hash, NULL, NULL)::cpts.sync_thing;
  RETURN QUERY SELECT i.* FROM cpts.sync_images(node, touched) i;
END
$$;
COMMENT ON FUNCTION cpts.sync_snapshot(text, text, text, text, uuid, int, bigint)
  IS 'A chunk of a snapshot: sql/query/federation_snapshot.sql. How many aggregates there are is told with the first chunk only.';

CREATE FUNCTION cpts.sync_give_back(node text, peer text, scope text, after bigint, changes_max int,
    bytes_max bigint) RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
DECLARE
  found     record;
  touched   cpts.sync_touch[];
  last_told bigint := greatest(
    (SELECT max(l.origin_position) FROM cpts.change_log l WHERE l.origin_node = peer),
    (SELECT max(w.last_position) FROM cpts.sync_withheld w WHERE w.origin_node = peer), 0);
  upto      bigint;
BEGIN
  WITH looked AS MATERIALIZED (
    SELECT l.local_position, l.origin_position, l.aggregate_kind, l.aggregate_id, l.version,
           l.kind, octet_length(l.bytes) AS byte_count,
           NOT EXISTS (SELECT FROM cpts.change_log n
                        WHERE n.aggregate_id = l.aggregate_id AND n.version > l.version
                          AND n.aggregate_kind = l.aggregate_kind
                          AND n.origin_node = peer) AS is_last,
           row_number() OVER (ORDER BY l.origin_position) AS nth
      FROM cpts.change_log l
     WHERE l.origin_node = peer AND l.origin_position > after
     ORDER BY l.origin_position LIMIT changes_max + 1
  ), weighed AS MATERIALIZED (
    SELECT l.local_position, l.origin_position, l.aggregate_kind, l.aggregate_id, l.is_last,
           l.kind, l.nth,
           sum(600 + l.byte_count
               + CASE WHEN NOT l.is_last THEN 0
                      WHEN l.aggregate_kind = 'REFERRAL'
                      THEN cpts.sync_sealed_bytes(l.aggregate_id, true, NULL)
                      WHEN l.aggregate_kind = 'CPTS' THEN cpts.sync_cpts_bytes(l.version)
                      ELSE 1000 END)
             OVER (ORDER BY l.origin_position) AS byte_count
      FROM looked l
  ), taken AS MATERIALIZED (
    SELECT w.local_position, w.origin_position, w.aggregate_kind, w.aggregate_id, w.is_last, w.kind
      FROM weighed w
     WHERE w.nth <= changes_max AND (w.nth = 1 OR w.byte_count <= bytes_max)
  )
  SELECT CASE WHEN (SELECT count(*) FROM looked) > (SELECT count(*) FROM taken)
              THEN (SELECT max(t.origin_position) FROM taken t) ELSE last_told END AS upto,
         ARRAY(SELECT t.local_position FROM taken t) AS positions,
         ARRAY(SELECT DISTINCT t.kind FROM taken t) AS events,
         ARRAY(SELECT cpts.sync_touch_now(row_number() OVER (), h.aggregate_kind, h.aggregate_id,
                                          h.aggregate_kind = 'CPTS' AND scope = '*'
                                          AND 'region/' || h.lead_region <> node)
                 FROM (SELECT array_agg(a.aggregate_kind) AS kinds, array_agg(a.aggregate_id) AS ids
                         FROM (SELECT DISTINCT t.aggregate_kind, t.aggregate_id
                                 FROM taken t WHERE t.is_last) a) d
                CROSS JOIN LATERAL cpts.sync_heads(d.kinds, d.ids) h
                WHERE h.owner_node = peer) AS touched
    INTO found;
  upto := found.upto;
  touched := found.touched || ARRAY(SELECT f FROM cpts.sync_followers(found.touched, found.events) f);
  RETURN NEXT ROW('H', NULL, NULL, NULL, NULL, NULL, NULL, greatest(upto, after), last_told, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::cpts.sync_thing;
  RETURN QUERY SELECT e.* FROM cpts.sync_entries(peer, found.positions) e ORDER BY e.last;
  RETURN QUERY SELECT 'W', NULL::text, NULL::uuid, NULL::int, NULL::int, NULL::text, NULL::text,
                      w.first_position, w.last_position, NULL::bigint, NULL::text, NULL::text,
                      NULL::uuid, NULL::int, NULL::bytea, NULL::bytea, w.hash::bytea, NULL::bytea,
                      NULL::text
                 FROM cpts.sync_withheld w
                WHERE w.origin_node = peer AND w.last_position > after
                  AND w.last_position <= upto
                ORDER BY w.last_position;
  RETURN QUERY SELECT i.* FROM cpts.sync_images(node, touched) i;
END
$$;
COMMENT ON FUNCTION cpts.sync_give_back(text, text, text, bigint, int, bigint)
  IS 'What a peer itself wrote: sql/query/federation_give_back.sql. Of CPTS of which this node has no more than the directory, no more than that is given.';

CREATE FUNCTION cpts.sync_bucket(aggregate_id uuid) RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN get_byte(sha256(convert_to(aggregate_id::text, 'UTF8')), 0);
COMMENT ON FUNCTION cpts.sync_bucket(uuid)
  IS 'Bucket of an aggregate in digests, 0 to 255: the first byte of SHA-256 of its id as text.';

CREATE FUNCTION cpts.sync_digest(node text, peer text, scope text, as_source boolean,
    of_buckets int[])
  RETURNS TABLE (aggregate_kind text, aggregate_id uuid, version int, sha256 bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO' SET work_mem = '64MB'
AS $$
DECLARE
  kind     text;
  -- A sink has of its peer what the peer would tell it.
  is_above boolean := NOT as_source AND scope = '*';
  sight    text := CASE WHEN as_source THEN scope
                        WHEN is_above THEN replace(node, '/', ':') ELSE '*' END;
  owner    text := CASE WHEN as_source AND scope = '*' OR is_above THEN node ELSE peer END;
  is_owner boolean := sight = '*';
  touched  cpts.sync_touch[];
  after    uuid;
BEGIN
  FOR kind IN SELECT k FROM cpts.sync_kinds() k LOOP
    after := '00000000-0000-0000-0000-000000000000';
    LOOP
      SELECT array_agg(cpts.sync_touch_now(l.n, kind, l.aggregate_id, l.is_public) ORDER BY l.n)
               FILTER (WHERE cpts.sync_bucket(l.aggregate_id) = ANY (of_buckets)),
             (array_agg(l.aggregate_id ORDER BY l.n DESC))[1]
        INTO touched, after
        FROM (SELECT row_number() OVER (ORDER BY a.aggregate_id)::int AS n, a.aggregate_id,
                     a.is_public
                FROM cpts.sync_list(sight, owner, is_owner, kind, after, 2000) a) l;
      EXIT WHEN after IS NULL;
      RETURN QUERY EXECUTE format($query$
        WITH touched AS MATERIALIZED (
          SELECT a.n, a.aggregate_kind, a.aggregate_id, a.since, a.since_at, a.is_public
            FROM unnest($1) a
        )
        SELECT a.aggregate_kind, a.aggregate_id, h.version,
               sha256(coalesce(string_agg(r.line, ''::bytea ORDER BY r.line), ''))
          FROM touched a
          JOIN cpts.sync_heads(ARRAY(SELECT k.aggregate_kind FROM unnest($1) k),
                               ARRAY(SELECT k.aggregate_id FROM unnest($1) k)) h
            ON h.aggregate_id = a.aggregate_id
          LEFT JOIN (SELECT q.n, convert_to(q.kind || E'\t' || q.body || E'\t'
                       || CASE WHEN q.last IN (0, 9223372036854775807) THEN '0' ELSE '1' END
                       || E'\n', 'UTF8') AS line
                       FROM (%s) q) r ON r.n = a.n
         GROUP BY a.aggregate_kind, a.aggregate_id, h.version
         ORDER BY a.aggregate_id$query$, cpts.sync_rows_query(ARRAY[kind], 'DIGEST'))
        USING touched;
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.sync_digest(text, text, text, boolean, int[])
  IS 'Digests of aggregates in these buckets: of what a peer should have, or of what this node has of it; in order of kind and id.';

REVOKE EXECUTE ON FUNCTION cpts.sync_list(text, text, boolean, text, uuid, bigint),
  cpts.sync_fetch(text, text, text[], uuid[]), cpts.sync_urgent(text, text, text, bigint),
  cpts.sync_snapshot(text, text, text, text, uuid, int, bigint),
  cpts.sync_give_back(text, text, text, bigint, int, bigint),
  cpts.sync_digest(text, text, text, boolean, int[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sync_fetch(text, text, text[], uuid[]),
  cpts.sync_urgent(text, text, text, bigint),
  cpts.sync_snapshot(text, text, text, text, uuid, int, bigint),
  cpts.sync_give_back(text, text, text, bigint, int, bigint),
  cpts.sync_digest(text, text, text, boolean, int[]) TO cpts_app;

COMMIT;
