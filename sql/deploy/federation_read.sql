-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_read
-- What a node tells a peer: entries of its log that the peer may see, and images of the aggregates
-- that changed, each once however often it did. Which tables make an image is data
-- (cpts.sync_table); these functions make their statements from it. They run as their owner, for
-- row-level security knows people, not nodes; the scope of the peer is an argument.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TYPE cpts.sync_thing AS (
  what text, kind text, id uuid, version int, epoch int, node text, region text, first bigint,
  last bigint, recorded_at bigint, event text, actor text, command_id uuid, schema_version int,
  content_hash bytea, prev_hash bytea, hash bytea, bytes bytea, body text
);
COMMENT ON TYPE cpts.sync_thing
  IS 'A thing told to a peer: H head, E entry, W withheld run, I image, R row. Columns: sql/query/federation_read.sql.';

CREATE TYPE cpts.sync_touch AS (
  n int, aggregate_kind text, aggregate_id uuid, since int, since_at timestamptz, until int,
  until_at timestamptz, epoch int, is_public boolean, is_again boolean
);
COMMENT ON TYPE cpts.sync_touch
  IS 'An aggregate whose image is wanted: its number in the answer; since which version (0 = whole) and when the first change after that was recorded; up to which version and when that was recorded, with which epoch (NULL, infinity, NULL: as it is now); public tables only; told again, without a change.';

CREATE FUNCTION cpts.sync_touch_now(n bigint, kind text, id uuid, is_public boolean)
  RETURNS cpts.sync_touch
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ROW(n::int, kind, id, 0, timestamptz '-infinity', NULL::int, timestamptz 'infinity',
             NULL::int, is_public, false)::cpts.sync_touch;
COMMENT ON FUNCTION cpts.sync_touch_now(bigint, text, uuid, boolean)
  IS 'Asks for the whole image of an aggregate, as it is now.';

CREATE FUNCTION cpts.sync_us(moment timestamptz) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN moment = 'infinity' THEN 9223372036854775807 ELSE cpts.unix_us(moment) END;
COMMENT ON FUNCTION cpts.sync_us(timestamptz)
  IS 'Microseconds since 1970 UTC; infinity is the greatest number.';

CREATE FUNCTION cpts.sync_heads(kinds text[], ids uuid[])
  RETURNS TABLE (aggregate_kind text, aggregate_id uuid, version int, epoch int, owner_node text,
    lead_region text)
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN QUERY
    SELECT 'CPTS', c.cpts_id, c.version::int, c.epoch::int, c.owner_node, c.lead_region
      FROM unnest(kinds, ids) a (kind, id)
      JOIN cpts.cpts c ON c.cpts_id = a.id WHERE a.kind = 'CPTS';
  IF kinds && '{REFERRAL,ATTACHMENT,PATHWAY}' THEN
    RETURN QUERY
      SELECT 'REFERRAL', r.referral_id, r.version::int, r.epoch::int, r.owner_node, r.origin_region
        FROM unnest(kinds, ids) a (kind, id)
        JOIN cpts.referral r ON r.referral_id = a.id WHERE a.kind = 'REFERRAL'
      UNION ALL
      SELECT 'PATHWAY', p.pathway_id, p.version::int, p.epoch::int, p.owner_node, p.origin_region
        FROM unnest(kinds, ids) a (kind, id)
        JOIN cpts.pathway p ON p.pathway_id = a.id WHERE a.kind = 'PATHWAY'
      UNION ALL
      SELECT 'ATTACHMENT', m.attachment_id, 1, r.epoch::int, r.owner_node, r.origin_region
        FROM unnest(kinds, ids) a (kind, id)
        JOIN cpts.referral_attachment m ON m.attachment_id = a.id AND m.logged
        JOIN cpts.referral r ON r.referral_id = m.referral_id WHERE a.kind = 'ATTACHMENT';
  END IF;
  IF kinds && '{KEY,ZONING}' THEN
    RETURN QUERY
      SELECT 'KEY', a.id, max(k.version), 1, 'national',
             (array_agg(k.lead_region ORDER BY k.version DESC))[1]
        FROM unnest(kinds, ids) a (kind, id)
        JOIN cpts.key_statement k ON k.cpts_id = a.id WHERE a.kind = 'KEY' GROUP BY a.id
      UNION ALL
      SELECT 'ZONING', a.id, max(z.version), 1, 'national', g.code
        FROM unnest(kinds, ids) a (kind, id)
        JOIN cpts.region g ON cpts.zoning_id(g.code) = a.id
        JOIN cpts.unit_zoning z ON z.region = g.code
       WHERE a.kind = 'ZONING' GROUP BY a.id, g.code;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.sync_heads(text[], uuid[])
  IS 'Version, epoch and owner of aggregates as they are here; no row for those that are not.';

CREATE FUNCTION cpts.sync_join(kind text, table_name text, key_column text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN kind = 'ZONING'
    THEN format('JOIN cpts.region g ON cpts.zoning_id(g.code) = a.aggregate_id
                 JOIN cpts.%I t ON t.%I = g.code', table_name, key_column)
    ELSE format('JOIN cpts.%I t ON t.%I = a.aggregate_id', table_name, key_column) END;
COMMENT ON FUNCTION cpts.sync_join(text, text, text)
  IS 'Joins the rows t of a table to the aggregates a.';

CREATE FUNCTION cpts.sync_columns(table_name text, leave_out text[]) RETURNS text[]
  LANGUAGE sql STABLE
  RETURN ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ('cpts.' || table_name)::regclass AND a.attnum > 0
                  AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname <> ALL (leave_out)
                ORDER BY a.attname COLLATE "C");
COMMENT ON FUNCTION cpts.sync_columns(text, text[])
  IS 'Columns of a table, in order of name, but for some and those that are computed.';

CREATE FUNCTION cpts.sync_rows_query(kinds text[], what text) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  t       record;
  columns text;
  delta   text;
  head    text;
  made    text := '';
BEGIN
  FOR t IN SELECT s.aggregate_kind, s.table_name, s.rank, s.key_column, s.style, s.added,
                  s.from_column, s.to_column, s.is_public
             FROM cpts.sync_table s
            WHERE s.aggregate_kind = ANY (kinds) AND (what = 'ROWS' OR s.in_digest)
            ORDER BY s.rank LOOP
    -- The head of an aggregate is of the version that is told, though its other columns may be newer.
    columns := (SELECT string_agg(format(CASE WHEN what = 'ROWS' AND c = ANY (
                         ARRAY['version', 'epoch', 'owner_node'])
                           AND t.table_name IN ('cpts', 'referral', 'pathway')
                         THEN 'a.%I' ELSE 't.%I' END, c), ', ')
                  FROM unnest(cpts.sync_columns(t.table_name, ARRAY[t.from_column, t.to_column])) c);
    head := format(
      E'SELECT a.n, %s AS rank, %L::text AS kind, %s AS first, %s AS last,\n'
      '       (SELECT row_to_json(x) FROM (SELECT %s) x)::text AS body\n  FROM touched a %s\n'
      ' WHERE a.aggregate_kind = %L%s',
      t.rank, t.table_name,
      CASE t.from_column WHEN '' THEN '0::bigint' ELSE format('cpts.sync_us(t.%I)', t.from_column) END,
      CASE WHEN t.to_column <> '' AND what = 'ROWS' THEN format(
             'CASE WHEN t.%1$I > a.until_at THEN 9223372036854775807 ELSE cpts.sync_us(t.%1$I) END',
             t.to_column)
           WHEN t.to_column <> '' THEN format('cpts.sync_us(t.%I)', t.to_column)
           WHEN t.from_column <> '' THEN '9223372036854775807' ELSE '0::bigint' END,
      columns, cpts.sync_join(t.aggregate_kind, t.table_name, t.key_column), t.aggregate_kind,
      CASE WHEN t.is_public THEN '' ELSE ' AND NOT a.is_public' END);
    delta := coalesce(nullif(t.added, ''), 't.version > a.since AND t.version <= a.version');
    made := concat_ws(E'\nUNION ALL\n', nullif(made, ''), CASE
      WHEN t.style = 'WHOLE' OR what <> 'ROWS' THEN head
      WHEN t.style <> 'HISTORY' AND t.added = '' THEN format('%s AND %s', head, delta)
      WHEN t.style <> 'HISTORY' THEN format('%s AND (a.since = 0 OR %s)', head, delta)
      ELSE head || E' AND t.version > a.since AND t.version <= a.version\nUNION ALL\n' || format(
        '%1$s AND a.since > 0 AND t.version <= a.since AND t.%2$I >= a.since_at'
        ' AND t.%2$I <= a.until_at AND t.%2$I < ''infinity''', head, t.to_column)
        || CASE t.added WHEN '' THEN '' ELSE E'\nUNION ALL\n' || format(
        '%1$s AND a.since > 0 AND t.version <= a.since AND %3$s'
        ' AND NOT (t.%2$I >= a.since_at AND t.%2$I <= a.until_at AND t.%2$I < ''infinity'')',
        head, t.to_column, delta) END
      END);
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION cpts.sync_rows_query(text[], text)
  IS 'The statement that reads the rows of aggregates of these kinds, from a relation `touched` like cpts.sync_touch: n, rank, kind, first, last, body. ROWS: what each is told; DIGEST: whole, and without what is not in digests.';

CREATE FUNCTION cpts.sync_images(node text, touched cpts.sync_touch[]) RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SET work_mem = '64MB'
AS $$
DECLARE
  kinds text[] := ARRAY(SELECT DISTINCT t.aggregate_kind FROM unnest(touched) t);
  ids   uuid[] := ARRAY(SELECT t.aggregate_id FROM unnest(touched) t);
BEGIN
  IF cardinality(kinds) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format($query$
    WITH touched AS MATERIALIZED (
      SELECT a.n, a.aggregate_kind, a.aggregate_id, a.since, a.since_at, a.until_at, a.is_public,
             a.is_again,
             coalesce(a.until, h.version) AS version, coalesce(a.epoch, h.epoch) AS epoch,
             CASE WHEN a.epoch < h.epoch THEN $3 ELSE h.owner_node END AS owner_node, h.lead_region
        FROM unnest($1) a
        JOIN cpts.sync_heads(ARRAY(SELECT k.aggregate_kind FROM unnest($1) k), $2) h
          ON h.aggregate_kind = a.aggregate_kind AND h.aggregate_id = a.aggregate_id
    ), told AS (
      SELECT t.n, 0 AS rank, t.aggregate_kind AS kind, t.since::bigint AS first,
             (t.is_public::int + 2 * t.is_again::int)::bigint AS last, NULL::text AS body, t.aggregate_id AS id, t.version,
             t.epoch, t.owner_node, t.lead_region
        FROM touched t
      UNION ALL
      SELECT r.n, r.rank, r.kind, r.first, r.last, r.body, NULL, NULL, NULL, NULL, NULL
        FROM (%s) r
    )
    SELECT CASE t.rank WHEN 0 THEN 'I' ELSE 'R' END, t.kind, t.id, t.version, t.epoch, t.owner_node,
           t.lead_region, t.first, t.last, NULL::bigint, NULL::text, NULL::text, NULL::uuid,
           NULL::int, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea, t.body
      FROM told t ORDER BY t.n, t.rank$query$, cpts.sync_rows_query(kinds, 'ROWS'))
    USING touched, ids, node;
END
$$;
COMMENT ON FUNCTION cpts.sync_images(text, cpts.sync_touch[])
  IS 'Images of aggregates with their rows, in order of n and of the tables. What is not there is left out. One told with an older epoch than it has now is this node''s as it was then.';

CREATE FUNCTION cpts.sync_sights(scope text, kinds text[], ids uuid[])
  RETURNS TABLE (aggregate_kind text, aggregate_id uuid, sight text, came_in int)
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  of_region text := CASE WHEN scope LIKE 'region:%' THEN substr(scope, 8) END;
  of_cpts   uuid := CASE WHEN scope LIKE 'cpts:%' THEN substr(scope, 6)::uuid END;
BEGIN
  RETURN QUERY
  SELECT a.kind, a.id,
         CASE WHEN a.kind IN ('KEY', 'ZONING') THEN CASE WHEN scope <> '*' THEN 'FULL' END
              WHEN a.kind = 'REFERENCE' THEN CASE WHEN scope <> '*' THEN 'ENTRY' END
              WHEN a.kind = 'NODE' THEN CASE WHEN scope = '*' THEN 'ENTRY' END
              WHEN NOT a.is_known THEN NULL
              WHEN scope = '*' THEN 'FULL'
              WHEN a.kind = 'CPTS' THEN CASE WHEN c.lead_region = of_region OR c.cpts_id = of_cpts
                                             THEN 'FULL' ELSE 'PUBLIC' END
              WHEN of_region IN (r.origin_region, p.origin_region) THEN 'FULL'
              WHEN s.came_in IS NOT NULL OR of_cpts = ANY (r.parties) OR of_cpts = p.origin_id
              THEN 'FULL' END,
         CASE WHEN of_region IN (r.origin_region, p.origin_region) THEN 0 ELSE s.came_in END
    FROM (SELECT u.kind, u.id, EXISTS (SELECT FROM cpts.sync_table k
                                        WHERE k.aggregate_kind = u.kind) AS is_known
            FROM unnest(kinds, ids) u (kind, id)) a
    LEFT JOIN cpts.cpts c ON a.kind = 'CPTS' AND c.cpts_id = a.id
    LEFT JOIN cpts.referral_attachment m ON a.kind = 'ATTACHMENT' AND m.attachment_id = a.id
    LEFT JOIN cpts.referral r ON a.kind IN ('REFERRAL', 'ATTACHMENT')
         AND r.referral_id = CASE a.kind WHEN 'REFERRAL' THEN a.id ELSE m.referral_id END
    LEFT JOIN cpts.pathway p ON a.kind = 'PATHWAY' AND p.pathway_id = a.id
    LEFT JOIN LATERAL (
      SELECT min(o.version) AS came_in FROM cpts.sync_scope o
       WHERE o.aggregate_id = coalesce(r.referral_id, p.pathway_id)
         AND (o.region = of_region OR o.party_id = of_cpts)) s ON scope <> '*';
END
$$;
COMMENT ON FUNCTION cpts.sync_sights(text, text[], uuid[])
  IS 'What a scope may see of aggregates: FULL, PUBLIC, ENTRY (its entries; no tables), or NULL; and of one that it came into later, with which version.';

CREATE FUNCTION cpts.sync_is_whole_event(kind text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN kind IN ('REFERRAL_ERASED', 'OWNERSHIP_RELEASED', 'OWNERSHIP_TAKEN',
                  'CPTS_LEAD_REGION_SET');
COMMENT ON FUNCTION cpts.sync_is_whole_event(text)
  IS 'After such a change the image is told whole: rows went, or another node may begin with it.';

CREATE FUNCTION cpts.sync_change_bytes(byte_count int) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 600 + 24 * greatest(byte_count - 128, 0)::bigint;
COMMENT ON FUNCTION cpts.sync_change_bytes(int)
  IS 'Roughly the bytes of a change with the rows that it brings, from those of its message: a list of communes takes 7 bytes each there and some 170 as rows.';

CREATE FUNCTION cpts.sync_cpts_bytes(version int) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 30000 + 600 * version::bigint;
COMMENT ON FUNCTION cpts.sync_cpts_bytes(int)
  IS 'Roughly the bytes of a CPTS''s whole image: a territory, and two rows a change.';

CREATE FUNCTION cpts.sync_sealed_bytes(referral uuid, is_whole boolean, since_at timestamptz)
  RETURNS bigint
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN 4000 + 2 * coalesce((SELECT sum(octet_length(n.note)) FROM cpts.referral_note n
                               WHERE n.referral_id = referral
                                 AND (is_whole OR n.recorded_at >= since_at)), 0)
         + CASE WHEN is_whole
                THEN 2 * coalesce((SELECT octet_length(c.offer) + octet_length(c.content)
                                     FROM cpts.referral_content c
                                    WHERE c.referral_id = referral), 0)
                     + 2 * coalesce((SELECT sum(m.byte_count) FROM cpts.referral_attachment m
                                      WHERE m.referral_id = referral AND m.logged), 0)
                ELSE 0 END;
END
$$;
COMMENT ON FUNCTION cpts.sync_sealed_bytes(uuid, boolean, timestamptz)
  IS 'Roughly the bytes of a referral''s image with what is sealed in it: batches are cut by it.';

CREATE FUNCTION cpts.sync_followers(touched cpts.sync_touch[], events text[])
  RETURNS SETOF cpts.sync_touch
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM unnest(touched) t WHERE t.aggregate_kind = 'REFERRAL')
     AND NOT events && '{CPTS_ABSORBED}' THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT (cardinality(touched) + row_number() OVER ())::int, f.kind, f.id, 0,
           timestamptz '-infinity', NULL::int, timestamptz 'infinity', NULL::int, false, false
      FROM (SELECT 'PATHWAY' AS kind, r.pathway_id AS id
              FROM unnest(touched) t
              JOIN cpts.referral r ON t.aggregate_kind = 'REFERRAL' AND r.referral_id = t.aggregate_id
             WHERE r.pathway_id IS NOT NULL
            UNION
            SELECT 'PATHWAY', p.pathway_id
              FROM unnest(touched) t
              JOIN cpts.pathway p ON p.origin_id = t.aggregate_id
             WHERE t.aggregate_kind = 'CPTS' AND events && '{CPTS_ABSORBED}' AND NOT t.is_public
            UNION
            SELECT 'ATTACHMENT', m.attachment_id
              FROM unnest(touched) t
              JOIN cpts.referral_attachment m
                ON t.aggregate_kind = 'REFERRAL' AND m.referral_id = t.aggregate_id AND m.logged
              LEFT JOIN LATERAL (SELECT l.recorded_at FROM cpts.change_log l
                                  WHERE l.aggregate_id = t.aggregate_id AND l.version = t.since
                                  ORDER BY l.local_position DESC LIMIT 1) b ON t.since > 0
             WHERE b.recorded_at IS NULL OR m.recorded_at >= b.recorded_at - interval '1 day') f
     WHERE NOT EXISTS (SELECT FROM unnest(touched) t
                        WHERE t.aggregate_kind = f.kind AND t.aggregate_id = f.id);
END
$$;
COMMENT ON FUNCTION cpts.sync_followers(cpts.sync_touch[], text[])
  IS 'What changes with others without an entry of its own: the pathway of a referral, the pathways of a CPTS that took one over, attachments of a referral that were begun since a day before its last change that is known.';

CREATE FUNCTION cpts.sync_entries(node text, positions bigint[]) RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN QUERY
    SELECT 'E', l.aggregate_kind, l.aggregate_id, l.version, l.epoch, l.origin_node, l.lead_region,
           l.local_position, l.origin_position,
           cpts.unix_us(coalesce(l.origin_recorded_at, l.recorded_at)), l.kind, l.actor,
           l.command_id, l.schema_version, coalesce(c.content_hash, ''), l.prev_hash::bytea,
           l.hash::bytea, l.bytes, NULL::text
      FROM cpts.change_log l
      LEFT JOIN cpts.command c ON c.principal = l.actor AND c.command_id = l.command_id
           AND c.log_position = l.local_position
     WHERE l.local_position = ANY (positions)
     ORDER BY l.local_position;
END
$$;
COMMENT ON FUNCTION cpts.sync_entries(text, bigint[])
  IS 'Entries of the log at these positions, in order, with what their commands were.';

CREATE FUNCTION cpts.sync_read(node text, peer text, scope text, after bigint, changes_max int,
    bytes_max bigint) RETURNS SETOF cpts.sync_thing
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO'
AS $$
DECLARE
  head    bigint := cpts.log_head();
  upto    bigint;
  found   record;
  touched cpts.sync_touch[];
BEGIN
  WITH looked AS MATERIALIZED (
    SELECT false AS is_mark, l.local_position, l.origin_node = node AS is_own, l.origin_position, l.aggregate_kind,
           l.aggregate_id, l.version, l.epoch, l.kind, l.recorded_at, l.hash,
           octet_length(l.bytes) AS byte_count
      FROM cpts.change_log l
     WHERE l.local_position > after AND l.local_position <= after + changes_max
       AND l.origin_node <> peer
    UNION ALL
    SELECT true, m.position, false, NULL, m.aggregate_kind, m.aggregate_id, NULL, NULL, NULL, NULL,
           NULL, 0
      FROM cpts.sync_mark m
     WHERE m.position > after AND m.position <= after + changes_max
       AND m.peer <> sync_read.peer
  ), aggregate AS MATERIALIZED (
    SELECT array_agg(a.aggregate_kind) AS kinds, array_agg(a.aggregate_id) AS ids
      FROM (SELECT DISTINCT l.aggregate_kind, l.aggregate_id FROM looked l) a
  ), sights AS MATERIALIZED (
    SELECT s.aggregate_kind, s.aggregate_id, s.sight, s.came_in
      FROM aggregate a CROSS JOIN LATERAL cpts.sync_sights(scope, a.kinds, a.ids) s
  ), seen AS MATERIALIZED (
    SELECT l.is_mark, l.local_position, l.is_own, l.origin_position, l.aggregate_kind,
           l.aggregate_id, l.version, l.epoch, l.kind, l.recorded_at, l.hash, s.came_in,
           CASE WHEN scope <> '*' OR l.is_own THEN s.sight END AS sight,
           CASE WHEN l.is_mark OR cpts.sync_is_whole_event(l.kind)
                THEN coalesce(cpts.sync_whole_bytes(l.aggregate_kind, l.aggregate_id), 1000)
                ELSE cpts.sync_change_bytes(l.byte_count)
                  + CASE WHEN l.aggregate_kind = 'REFERRAL' AND s.sight IS NOT NULL
                         THEN cpts.sync_sealed_bytes(l.aggregate_id,
                                l.version = 1 OR l.version <= s.came_in, l.recorded_at)
                         ELSE 0 END END AS byte_count
      FROM looked l
      JOIN sights s
        ON s.aggregate_kind = l.aggregate_kind AND s.aggregate_id = l.aggregate_id
  ), counted AS MATERIALIZED (
    SELECT s.is_mark, s.local_position, s.is_own, s.origin_position, s.aggregate_kind,
           s.aggregate_id, s.version, s.epoch, s.kind, s.recorded_at, s.hash, s.came_in, s.sight,
           count(s.sight) OVER w AS change_count,
           sum(CASE WHEN s.sight IS NULL THEN 0 ELSE s.byte_count END) OVER w
             - CASE WHEN s.sight IS NULL THEN 0 ELSE s.byte_count END AS bytes_before
      FROM seen s
    WINDOW w AS (ORDER BY s.local_position ROWS UNBOUNDED PRECEDING)
  ), bound AS MATERIALIZED (
    SELECT coalesce(min(c.local_position) - 1,
                    least(head, after + changes_max)) AS upto
      FROM counted c
     WHERE c.sight IS NOT NULL
       AND (c.change_count > changes_max OR c.bytes_before >= bytes_max)
       -- What one position stands for is told at once.
       AND c.local_position > (SELECT min(f.local_position) FROM counted f WHERE f.sight IS NOT NULL)
  ), taken AS MATERIALIZED (
    SELECT c.is_mark, c.local_position, c.is_own, c.origin_position, c.aggregate_kind,
           c.aggregate_id, c.version, c.epoch, c.kind, c.recorded_at, c.hash, c.came_in, c.sight,
           c.is_own AND coalesce(c.sight IN ('FULL', 'ENTRY'), false) AS is_told
      FROM counted c CROSS JOIN bound b WHERE c.local_position <= b.upto
  ), touch AS (
    SELECT t.aggregate_kind, t.aggregate_id, t.sight = 'PUBLIC' AS is_public,
           CASE WHEN bool_or(t.is_mark) OR bool_or(cpts.sync_is_whole_event(t.kind))
                     OR max(t.came_in) > min(t.version) - 1 THEN 0
                ELSE min(t.version) - 1 END AS since,
           -- Of another node's aggregate the rows may have come before their entries, with a
           -- snapshot: what was closed since the entry before counts.
           CASE WHEN bool_and(t.is_own) THEN min(t.recorded_at)
                ELSE coalesce((SELECT max(l.recorded_at) FROM cpts.change_log l
                                WHERE l.aggregate_id = t.aggregate_id
                                  AND l.aggregate_kind = t.aggregate_kind
                                  AND l.version < min(t.version)), '-infinity') END AS since_at,
           CASE WHEN NOT bool_or(t.is_mark) THEN max(t.version) END AS until,
           CASE WHEN bool_or(t.is_mark) THEN 'infinity' ELSE max(t.recorded_at) END AS until_at,
           bool_or(t.is_mark) AS is_again,
           CASE WHEN bool_and(t.is_own) AND NOT bool_or(cpts.sync_is_whole_event(t.kind))
                THEN max(t.epoch) END AS epoch
      FROM taken t WHERE t.sight IN ('FULL', 'PUBLIC')
     GROUP BY t.aggregate_kind, t.aggregate_id, t.sight
  ), run AS (
    SELECT min(o.origin_position) AS first, max(o.origin_position) AS last,
           (array_agg(o.hash ORDER BY o.origin_position DESC))[1] AS hash
      FROM (SELECT t.origin_position, t.hash, t.is_told,
                   t.origin_position - row_number() OVER (PARTITION BY t.is_told
                     ORDER BY t.origin_position) AS island
              FROM taken t WHERE t.is_own) o
     WHERE NOT o.is_told GROUP BY o.island
    UNION ALL
    -- What this node lost of its own chain, before what it wrote since.
    SELECT w.first_position, w.last_position, w.hash
      FROM (SELECT min(t.origin_position) AS first, max(t.origin_position) AS last
              FROM taken t WHERE t.is_own) o
      JOIN cpts.sync_withheld w ON w.origin_node = node AND w.last_position < o.last
     WHERE w.last_position > coalesce((SELECT max(l.origin_position) FROM cpts.change_log l
                                        WHERE l.origin_node = node
                                          AND l.origin_position < o.first), 0)
  )
  SELECT b.upto,
         ARRAY(SELECT t.local_position FROM taken t WHERE t.is_told) AS positions,
         ARRAY(SELECT DISTINCT t.kind FROM taken t WHERE t.sight IS NOT NULL) AS events,
         ARRAY(SELECT r.first FROM run r ORDER BY r.last) AS firsts,
         ARRAY(SELECT r.last FROM run r ORDER BY r.last) AS lasts,
         ARRAY(SELECT r.hash::bytea FROM run r ORDER BY r.last) AS hashes,
         -- A CPTS first: whose region a referral is for is known by it.
         ARRAY(SELECT ROW(row_number() OVER (ORDER BY t.aggregate_kind <> 'CPTS'),
                          t.aggregate_kind, t.aggregate_id, t.since,
                          t.since_at, t.until, t.until_at, t.epoch, t.is_public,
                          t.is_again)::cpts.sync_touch
                 FROM touch t) AS touched
    INTO found FROM bound b;
  touched := found.touched || ARRAY(SELECT f FROM cpts.sync_followers(found.touched, found.events) f);
  RETURN NEXT ROW('H', NULL, NULL, NULL, NULL, NULL, NULL, found.upto, head, NULL, NULL, NULL, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL)::cpts.sync_thing;
  RETURN QUERY SELECT e.* FROM cpts.sync_entries(node, found.positions) e;
  RETURN QUERY SELECT 'W', NULL::text, NULL::uuid, NULL::int, NULL::int, NULL::text, NULL::text,
                      w.first, w.last, NULL::bigint, NULL::text, NULL::text, NULL::uuid, NULL::int,
                      NULL::bytea, NULL::bytea, w.hash, NULL::bytea, NULL::text
                 FROM unnest(found.firsts, found.lasts, found.hashes) w (first, last, hash);
  RETURN QUERY SELECT i.* FROM cpts.sync_images(node, touched) i;
END
$$;
COMMENT ON FUNCTION cpts.sync_read(text, text, text, bigint, int, bigint)
  IS 'The next batch for a peer: sql/query/federation_read.sql. As many positions are looked at as changes may be told.';

REVOKE EXECUTE ON FUNCTION cpts.sync_heads(text[], uuid[]), cpts.sync_rows_query(text[], text),
  cpts.sync_images(text, cpts.sync_touch[]), cpts.sync_sights(text, text[], uuid[]),
  cpts.sync_change_bytes(int), cpts.sync_cpts_bytes(int),
  cpts.sync_sealed_bytes(uuid, boolean, timestamptz),
  cpts.sync_followers(cpts.sync_touch[], text[]),
  cpts.sync_entries(text, bigint[]), cpts.sync_read(text, text, text, bigint, int, bigint)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sync_read(text, text, text, bigint, int, bigint) TO cpts_app;

COMMIT;
