-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_apply
-- What a node stores of a peer: entries into the log, images into the tables of facts, all of a
-- batch in one transaction with the cursor. Nothing is judged again but whose it is: owner, epoch,
-- version and scope. What cannot be stored of an aggregate parks that aggregate; the rest goes on.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TYPE cpts.sync_image AS (
  n int, aggregate_kind text, aggregate_id uuid, version int, epoch int, owner_node text,
  lead_region text, since int, is_public boolean, refusal text, is_again boolean
);
COMMENT ON TYPE cpts.sync_image
  IS 'Head of an image as a peer told it; n counts from 1; refusal: why the engine that took it will not have it stored, empty = it will; is_again: without a change, in place of what is here of that version.';

CREATE TYPE cpts.sync_record AS (
  n int, kind text, first bigint, last bigint, body text
);
COMMENT ON TYPE cpts.sync_record
  IS 'Row of the image n: its table, since and until when its owner believed it, the JSON object.';

CREATE TYPE cpts.sync_terms AS (
  node text, peer text, scope text, repair boolean, restore boolean, urgent boolean,
  owners_dates boolean
);
COMMENT ON TYPE cpts.sync_terms
  IS 'On which terms images are stored: this node, the peer and its scope; they replace what is here; they are what this node lost; they came ahead of their entries; rows that are new take the owner''s dates of belief.';

CREATE TYPE cpts.sync_applied AS (
  stored_count int, absorbed_count int, newly_parked_count int, parked_count int,
  entry_count int, apart_count int, log_position bigint
);
COMMENT ON TYPE cpts.sync_applied IS 'What became of a batch: sql/query/federation_apply.sql.';

CREATE FUNCTION cpts.sync_alarm(of_peer text, word text, of_aggregate text, what text)
  RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  INSERT INTO cpts.federation_alarm AS a (peer, alarm, aggregate, detail, first_at, last_at)
    VALUES (of_peer, word, of_aggregate, left(what, 2000), clock_timestamp(), clock_timestamp())
    ON CONFLICT (peer, alarm, aggregate) WHERE cleared_at IS NULL
    DO UPDATE SET times = a.times + 1, last_at = excluded.last_at, detail = excluded.detail
    RETURNING times;
END;
COMMENT ON FUNCTION cpts.sync_alarm(text, text, text, text)
  IS 'Raises an alarm, or counts it when it is up; gives how often it came.';

CREATE FUNCTION cpts.sync_moment(us bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN us = 9223372036854775807 THEN timestamptz 'infinity'
              ELSE timestamptz '1970-01-01 00:00:00Z' + us * interval '1 microsecond' END;
COMMENT ON FUNCTION cpts.sync_moment(bigint) IS 'The instant of microseconds since 1970 UTC; the greatest number is infinity.';

CREATE FUNCTION cpts.sync_foreign_row(key text) RETURNS uuid
  LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
  RAISE EXCEPTION 'a row of another aggregate: %', key USING ERRCODE = 'CPF01';
END
$$;
COMMENT ON FUNCTION cpts.sync_foreign_row(text)
  IS 'Fails with CPF01: a row stood in an image of an aggregate whose it is not.';

CREATE FUNCTION cpts.sync_wrote_since(of_node text) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  -- What was given back has the time of its origin, as what peers told.
  RETURN coalesce((SELECT l.origin_recorded_at IS NULL
                          AND l.origin_position > (SELECT s.lost_after FROM cpts.node_self s)
                     FROM cpts.change_log l WHERE l.origin_node = of_node
                    ORDER BY l.origin_position DESC LIMIT 1), false);
END
$$;
COMMENT ON FUNCTION cpts.sync_wrote_since(text)
  IS 'Whether this node has written to its chain since it came back from an old backup: what it lost goes into the log no more.';

CREATE FUNCTION cpts.sync_is_written_twice(of_node text, of_kind text, of_id uuid, upto int)
  RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.stray_change s
                   JOIN cpts.change_log l
                     ON l.aggregate_id = s.aggregate_id AND l.aggregate_kind = s.aggregate_kind
                        AND l.version = s.version AND l.origin_node = s.origin_node
                        AND l.hash <> s.hash
                  WHERE s.origin_node = of_node AND s.reason IN ('FORKED', 'GIVEN_BACK')
                    AND s.aggregate_kind = of_kind AND s.aggregate_id = of_id
                    AND s.version <= upto);
END
$$;
COMMENT ON FUNCTION cpts.sync_is_written_twice(text, text, uuid, int)
  IS 'Whether a version of an aggregate up to that one is in this node''s log otherwise than in what was given back to it.';

CREATE FUNCTION cpts.sync_goes_on(of_node text, positions bigint[], prev_hashes bytea[],
    hashes bytea[], OUT last_position bigint, OUT goes_on boolean)
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  last_hash bytea;
BEGIN
  SELECT l.origin_position, l.hash INTO last_position, last_hash FROM cpts.change_log l
   WHERE l.origin_node = of_node ORDER BY l.origin_position DESC LIMIT 1;
  last_position := coalesce(last_position, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  goes_on := NOT cpts.sync_wrote_since(of_node)
             AND NOT EXISTS (SELECT FROM unnest(positions, prev_hashes, hashes)
                                      e (position, prev, hash)
                               LEFT JOIN cpts.change_log l
                                 ON l.origin_node = of_node AND l.origin_position = e.position
                              WHERE l.hash <> e.hash
                                 OR (e.position = last_position + 1 AND e.prev <> last_hash));
END
$$;
COMMENT ON FUNCTION cpts.sync_goes_on(text, bigint[], bytea[], bytea[])
  IS 'Position of this node''s last own entry in the log, and whether what a peer gives back of its chain may follow it there.';

CREATE FUNCTION cpts.sync_own_runs(of_node text, after bigint, positions bigint[],
    prev_hashes bytea[], lasts bigint[], hashes bytea[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  upto bigint := greatest((SELECT max(p) FROM unnest(positions) p),
                          (SELECT max(p) FROM unnest(lasts) p), after);
BEGIN
  DELETE FROM cpts.sync_withheld w
   WHERE w.origin_node = of_node AND w.first_position > after AND w.last_position <= upto;
  UPDATE cpts.sync_withheld w SET first_position = upto + 1
   WHERE w.origin_node = of_node AND w.first_position > after AND w.first_position <= upto;
  -- Each run begins where the entry or the run before it ends; a hole before an entry is one, too.
  INSERT INTO cpts.sync_withheld (origin_node, first_position, last_position, hash)
    SELECT of_node, o.before + 1, CASE WHEN o.is_entry THEN o.last - 1 ELSE o.last END, o.hash
      FROM (SELECT t.last, t.hash, t.is_entry,
                   coalesce(lag(t.last) OVER (ORDER BY t.last), after) AS before
              FROM (SELECT e.last, e.hash, true AS is_entry
                      FROM unnest(positions, prev_hashes) e (last, hash)
                    UNION ALL
                    SELECT w.last, w.hash, false FROM unnest(lasts, hashes) w (last, hash)) t
             WHERE t.last > after) o
     WHERE NOT o.is_entry OR o.last > o.before + 1;
END
$$;
COMMENT ON FUNCTION cpts.sync_own_runs(text, bigint, bigint[], bytea[], bigint[], bytea[])
  IS 'Keeps the runs of this node''s own chain that a peer which gives back has not seen, between the entries that it has, in place of those that were known there.';

CREATE FUNCTION cpts.sync_verdicts(t cpts.sync_terms, images cpts.sync_image[],
    fresh_kinds text[], fresh_ids uuid[], fresh_epochs int[])
  RETURNS TABLE (n int, verdict text, detail text, here_version int)
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  of_region text := CASE WHEN t.scope = '*' AND t.node LIKE 'region/%' THEN substr(t.node, 8) END;
  is_open   boolean := NOT EXISTS (SELECT FROM cpts.node_self s WHERE s.read_only <> '');
BEGIN
  RETURN QUERY
  SELECT j.n, j.verdict,
         CASE j.verdict
           WHEN 'NOT_APPLIED' THEN format('rows since version %s only, and version %s is here',
                                          j.since, coalesce(j.here_version, 0))
           WHEN 'EPOCH_STALE' THEN CASE WHEN t.restore
             THEN 'changed by this node since it came back from an old backup'
             ELSE format('epoch %s, and epoch %s is here', j.epoch, j.here_epoch) END
           WHEN 'ORIGIN_FORGED' THEN format('owned by %s, as told by %s; here by %s', j.owner_node,
                                            t.peer, coalesce(j.here_owner, 'nobody'))
           WHEN 'OUT_OF_SCOPE' THEN format('of region %s', j.lead_region)
           WHEN 'KIND_UNKNOWN' THEN format('kind %s', j.aggregate_kind)
           ELSE '' END, j.here_version
    FROM (
      SELECT i.n, i.since, i.epoch, i.owner_node, i.lead_region, i.aggregate_kind,
             h.version AS here_version, h.epoch AS here_epoch, h.owner_node AS here_owner,
             -- The engine saw whose it is by name and region. What follows it cannot see: what
             -- is here of the aggregate, what is parked, which kinds there are and whose a region is.
             CASE
               WHEN i.refusal <> '' THEN i.refusal
               WHEN k.aggregate_kind IS NULL THEN 'KIND_UNKNOWN'
               WHEN p.parked_id IS NOT NULL AND NOT (t.repair OR t.restore) THEN 'PARKED'
               WHEN t.scope <> '*' AND i.aggregate_kind IN ('KEY', 'ZONING') THEN 'OUT_OF_SCOPE'
               -- What this node lost comes back: of its own, whatever was written since while it
               -- is fenced; else nothing older, and nothing that it has written otherwise.
               WHEN t.restore THEN
                 CASE WHEN i.owner_node <> t.node OR h.epoch > i.epoch THEN 'ABSORBED'
                      WHEN is_open AND cpts.sync_is_written_twice(t.node, i.aggregate_kind,
                                         i.aggregate_id, i.version) THEN 'EPOCH_STALE'
                      WHEN is_open AND i.version < h.version THEN 'ABSORBED'
                      ELSE 'STORED' END
               -- Written by a former owner after the ownership was another's. What it wrote before
               -- may come after what is urgent, which came ahead of its turn.
               WHEN i.epoch < h.epoch AND h.owner_node <> i.owner_node
                    AND (i.version > h.version
                         OR f.epoch < h.epoch
                            AND EXISTS (SELECT FROM cpts.change_log o
                                         WHERE o.aggregate_id = i.aggregate_id
                                           AND o.aggregate_kind = i.aggregate_kind
                                           AND o.version <= i.version AND o.epoch > i.epoch
                                           AND o.origin_node <> t.peer)) THEN 'EPOCH_STALE'
               WHEN i.epoch < h.epoch THEN 'ABSORBED'
               WHEN i.epoch = h.epoch AND NOT t.repair
                    AND i.version + i.is_again::int <= h.version THEN 'ABSORBED'
               -- The node above tells of everybody's; of this node's own it knows nothing better.
               WHEN t.scope = '*' AND h.owner_node = t.node AND i.epoch = h.epoch
               THEN CASE WHEN i.version <= h.version THEN 'ABSORBED' ELSE 'ORIGIN_FORGED' END
               WHEN t.scope = '*' AND h.aggregate_id IS NULL AND i.owner_node = t.node
                    AND i.epoch = 1 AND NOT t.repair THEN 'ORIGIN_FORGED'
               -- A node below tells of its own, and gives away its own.
               WHEN t.scope <> '*' AND h.aggregate_id IS NULL AND 'region/' || i.lead_region <> t.peer
                    AND coalesce(o.node, '') <> t.peer THEN 'OUT_OF_SCOPE'
               WHEN t.scope <> '*' AND h.aggregate_id IS NULL AND i.owner_node <> t.peer
                    AND i.epoch = 1 THEN 'ORIGIN_FORGED'
               WHEN t.scope <> '*' AND h.owner_node <> t.peer THEN 'ORIGIN_FORGED'
               WHEN t.scope <> '*' AND h.owner_node = t.peer AND i.owner_node <> t.peer
                    AND i.epoch <= h.epoch THEN 'ORIGIN_FORGED'
               WHEN i.aggregate_kind = 'CPTS' AND of_region IS NOT NULL AND NOT i.is_public
                    AND i.lead_region <> of_region AND coalesce(h.lead_region, '') <> of_region
               THEN 'OUT_OF_SCOPE'
               WHEN i.since > coalesce(h.version, 0) THEN 'NOT_APPLIED'
               ELSE 'STORED' END AS verdict
        FROM unnest(images) i
        LEFT JOIN cpts.sync_heads(ARRAY(SELECT u.aggregate_kind FROM unnest(images) u),
                                  ARRAY(SELECT u.aggregate_id FROM unnest(images) u)) h
          ON h.aggregate_kind = i.aggregate_kind AND h.aggregate_id = i.aggregate_id
        LEFT JOIN (SELECT DISTINCT s.aggregate_kind FROM cpts.sync_table s) k
          ON k.aggregate_kind = i.aggregate_kind
        LEFT JOIN cpts.parked_aggregate p
          ON p.peer = t.peer AND p.aggregate_kind = i.aggregate_kind
             AND p.aggregate_id = i.aggregate_id AND p.rejected_at IS NULL
        LEFT JOIN cpts.region_owner o ON o.region = i.lead_region
        LEFT JOIN (SELECT u.kind, u.id, min(u.epoch) AS epoch
                     FROM unnest(fresh_kinds, fresh_ids, fresh_epochs) u (kind, id, epoch)
                    GROUP BY u.kind, u.id) f
          ON f.kind = i.aggregate_kind AND f.id = i.aggregate_id) j;
END
$$;
COMMENT ON FUNCTION cpts.sync_verdicts(cpts.sync_terms, cpts.sync_image[], text[], uuid[], int[])
  IS 'What becomes of each image: STORED, ABSORBED (it is here already), PARKED (it was before), or the reason to park it; fresh: entries that came with the batch. What is not another aggregate''s rule is not looked at.';

CREATE FUNCTION cpts.sync_referral_scope(t cpts.sync_terms, images cpts.sync_image[],
    records cpts.sync_record[]) RETURNS SETOF int
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  of_region text := CASE WHEN t.scope = '*' AND t.node LIKE 'region/%' THEN substr(t.node, 8) END;
BEGIN
  IF of_region IS NULL OR NOT EXISTS (SELECT FROM unnest(images) i
                                       WHERE i.aggregate_kind = 'REFERRAL'
                                         AND i.lead_region <> of_region) THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT i.n
      FROM unnest(images) i
      LEFT JOIN unnest(records) r ON r.n = i.n AND r.kind = 'referral'
     WHERE i.aggregate_kind = 'REFERRAL' AND i.lead_region <> of_region
       AND NOT EXISTS (SELECT FROM cpts.referral h
                        WHERE h.referral_id = i.aggregate_id AND h.owner_node = t.node)
       AND NOT EXISTS (SELECT FROM json_array_elements_text(r.body::json -> 'parties') p (id)
                         LEFT JOIN cpts.cpts c ON c.cpts_id = p.id::uuid
                         LEFT JOIN unnest(images) m
                           ON m.aggregate_kind = 'CPTS' AND m.aggregate_id = p.id::uuid
                        WHERE coalesce(m.lead_region, c.lead_region) = of_region);
END
$$;
COMMENT ON FUNCTION cpts.sync_referral_scope(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[])
  IS 'Images of referrals in which nobody of this node''s region takes part.';

CREATE FUNCTION cpts.sync_unlike(images cpts.sync_image[], records cpts.sync_record[])
  RETURNS SETOF int
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT i.n
    FROM unnest(images) i
    JOIN unnest(records) r ON r.n = i.n AND r.kind = lower(i.aggregate_kind)
   CROSS JOIN LATERAL (SELECT r.body::json AS head, CASE i.aggregate_kind WHEN 'CPTS'
                              THEN 'lead_region' ELSE 'origin_region' END AS region) b
   WHERE coalesce(b.head ->> 'owner_node', i.owner_node) <> i.owner_node
      OR coalesce((b.head ->> 'epoch')::int, i.epoch) <> i.epoch
      OR coalesce((b.head ->> 'version')::int, i.version) <> i.version
      OR coalesce(b.head ->> b.region, i.lead_region) <> i.lead_region;
END;
COMMENT ON FUNCTION cpts.sync_unlike(cpts.sync_image[], cpts.sync_record[])
  IS 'Images whose head row names another owner, epoch, version or region than what they were judged by.';

CREATE FUNCTION cpts.sync_key_columns(table_name text) RETURNS text[]
  LANGUAGE sql STABLE
  RETURN ARRAY(SELECT a.attname::text
                 FROM pg_catalog.pg_index i
                CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, nth)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE i.indrelid = ('cpts.' || table_name)::regclass AND i.indisprimary
                ORDER BY k.nth);
COMMENT ON FUNCTION cpts.sync_key_columns(text) IS 'Columns of a table''s primary key, in order.';

CREATE FUNCTION cpts.sync_upsert_query(of_kind text, of_table text, told_columns text[]) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  s       record;
  keys    text[] := cpts.sync_key_columns(of_table);
  columns text[];
  dates   text := '';
  insert_dates text := '';
  from_sql text;
  updates text;
  is_key  text;
BEGIN
  SELECT c.key_column, c.style, c.from_column, c.to_column INTO s
    FROM cpts.sync_table c WHERE c.aggregate_kind = of_kind AND c.table_name = of_table;
  columns := ARRAY(SELECT c FROM unnest(cpts.sync_columns(of_table, ARRAY[s.from_column, s.to_column])) c
                    WHERE c = ANY (told_columns));
  is_key := CASE of_kind WHEN 'ZONING' THEN format('cpts.zoning_id((r.p).%I)', s.key_column)
                         ELSE format('(r.p).%I', s.key_column) END;
  from_sql := CASE s.style WHEN 'FORMER' THEN format(
      'CASE WHEN row_number() OVER (PARTITION BY (r.p).%1$I ORDER BY (r.p).version) > 1 THEN $6
            ELSE least($6, coalesce((SELECT max(h.%2$I) FROM cpts.%3$I h WHERE h.%1$I = (r.p).%1$I),
                           (SELECT c.created_at FROM cpts.cpts c WHERE c.cpts_id = (r.p).%1$I), $6))
            END',
      s.key_column, s.to_column, of_table) ELSE '$6' END;
  IF s.from_column <> '' THEN
    dates := format(', %I', s.from_column);
    insert_dates := format(E',\n       CASE WHEN $5 THEN cpts.sync_moment(r.first) ELSE %s END', from_sql);
  END IF;
  IF s.to_column <> '' THEN
    dates := dates || format(', %I', s.to_column);
    insert_dates := insert_dates || E',\n       CASE WHEN r.last = 9223372036854775807 THEN timestamptz'
      ' ''infinity'' WHEN $5 THEN cpts.sync_moment(r.last) ELSE $6 END';
  END IF;
  updates := (SELECT string_agg(format('%1$I = excluded.%1$I', c), ', ')
                FROM unnest(columns) c WHERE c <> ALL (keys));
  IF s.to_column <> '' THEN
    updates := concat_ws(', ', updates, format(
      '%1$I = CASE WHEN excluded.%1$I = ''infinity'' OR h.%1$I = ''infinity'''
      ' THEN excluded.%1$I ELSE h.%1$I END', s.to_column));
  END IF;
  RETURN format(
    -- The inner statement stands for itself (OFFSET 0): each row is read once.
    E'INSERT INTO cpts.%1$I AS h (%2$s%3$s)\nSELECT %4$s%5$s\n'
    '  FROM (SELECT u.n, u.first, u.last,\n'
    '               json_populate_record(NULL::cpts.%1$I, u.body::json) AS p\n'
    '          FROM unnest($1, $2, $3, $4) u (n, first, last, body) OFFSET 0) r\n'
    ' WHERE CASE WHEN %6$s = ($7)[r.n] THEN true\n'
    '            ELSE cpts.sync_foreign_row(%6$s::text) IS NOT NULL END\n'
    'ON CONFLICT (%7$s) DO %8$s', of_table,
    (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c), dates,
    (SELECT string_agg(format('(r.p).%I', c), ', ') FROM unnest(columns) c), insert_dates, is_key,
    (SELECT string_agg(quote_ident(c), ', ') FROM unnest(keys) c),
    CASE WHEN updates IS NULL THEN 'NOTHING' ELSE 'UPDATE SET ' || updates END);
END
$$;
COMMENT ON FUNCTION cpts.sync_upsert_query(text, text, text[])
  IS 'The statement that stores rows of a table: numbers of their images, first, last and bodies ($1 to $4), the owner''s dates or not ($5), now ($6), ids of the images ($7). Only columns that were told; a row that is here keeps since when it is believed, and until when once it is closed.';

CREATE FUNCTION cpts.sync_clean(of_kind text, of_table text, ids uuid[], bodies text[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  keys   text[] := cpts.sync_key_columns(of_table);
  key_is text := (SELECT s.key_column FROM cpts.sync_table s
                   WHERE s.aggregate_kind = of_kind AND s.table_name = of_table);
BEGIN
  EXECUTE format(
    E'DELETE FROM cpts.%1$I h\n WHERE %2$s = ANY ($1)\n   AND NOT EXISTS (\n'
    '         SELECT FROM unnest($2) b (body)\n'
    '          CROSS JOIN LATERAL json_populate_record(NULL::cpts.%1$I, b.body::json) p\n'
    '          WHERE (%3$s) = (%4$s))', of_table,
    CASE of_kind WHEN 'ZONING' THEN format('cpts.zoning_id(h.%I)', key_is)
                 ELSE format('h.%I', key_is) END,
    (SELECT string_agg(format('p.%I', c), ', ') FROM unnest(keys) c),
    (SELECT string_agg(format('h.%I', c), ', ') FROM unnest(keys) c)) USING ids, bodies;
END
$$;
COMMENT ON FUNCTION cpts.sync_clean(text, text, uuid[], text[])
  IS 'Removes the rows of these aggregates from a table that are not among those told.';

CREATE FUNCTION cpts.sync_derive(images cpts.sync_image[], has_territory boolean) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF has_territory THEN
    INSERT INTO cpts.unit_overlap (unit_code)
      SELECT DISTINCT m.unit_code
        FROM (SELECT p.cpts_id, min(p.valid_from) AS valid_from, max(p.valid_to) AS valid_to,
                     array_agg(DISTINCT p.unit_code) AS codes
                FROM unnest(images) i
                JOIN cpts.cpts_territory p
                  ON p.cpts_id = i.aggregate_id AND p.version > i.since
                     AND p.recorded_to = 'infinity'
               WHERE i.aggregate_kind = 'CPTS'
               GROUP BY p.cpts_id) t
       CROSS JOIN LATERAL cpts.claim_overlaps(t.cpts_id, t.valid_from, t.valid_to, t.codes) m
      ON CONFLICT (unit_code) DO NOTHING;
  END IF;
  IF EXISTS (SELECT FROM unnest(images) i WHERE i.aggregate_kind = 'REFERRAL') THEN
    PERFORM cpts.sync_scope_add(r.referral_id, r.version, r.origin_region, r.parties)
       FROM unnest(images) i
       JOIN cpts.referral r ON r.referral_id = i.aggregate_id
      WHERE i.aggregate_kind = 'REFERRAL'
        AND EXISTS (SELECT FROM cpts.cpts c
                     WHERE c.cpts_id = ANY (r.parties) AND c.lead_region <> r.origin_region);
    -- Attachments are aggregates of their own: an erased referral has none.
    WITH erased AS MATERIALIZED (
      SELECT r.referral_id FROM unnest(images) i
        JOIN cpts.referral r ON r.referral_id = i.aggregate_id
       WHERE i.aggregate_kind = 'REFERRAL' AND r.erased
    ), chunks AS (
      DELETE FROM cpts.referral_chunk k USING erased e WHERE k.referral_id = e.referral_id
    )
    DELETE FROM cpts.referral_attachment m USING erased e WHERE m.referral_id = e.referral_id;
    -- Nor has a pathway of this node a pseudonym, when that was the last of its referrals.
    PERFORM cpts.sync_mark_all(current_setting('app.log_node'), '',
              array_agg('PATHWAY'::text), array_agg(f.pathway_id))
       FROM (SELECT r.pathway_id FROM unnest(images) i
               JOIN cpts.referral r ON r.referral_id = i.aggregate_id
              WHERE i.aggregate_kind = 'REFERRAL' AND r.erased AND r.pathway_id IS NOT NULL
                AND cpts.pathway_forget(r.pathway_id, r.referral_id)) f
     HAVING count(*) > 0;
  END IF;
  PERFORM cpts.ending_enqueue(array_agg(i.aggregate_id))
     FROM unnest(images) i
    WHERE i.aggregate_kind = 'CPTS'
   HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION cpts.sync_derive(cpts.sync_image[], boolean)
  IS 'What commands keep beside the facts, for images that were stored: units that two CPTS claim, who of other regions takes part in a referral, no attachments of one that is erased, no pseudonym of a pathway of this node whose last referral it was, and that referrals of this node go on without a CPTS that ended.';

CREATE FUNCTION cpts.sync_store(t cpts.sync_terms, images cpts.sync_image[],
    records cpts.sync_record[], known_ids uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at    timestamptz := cpts.log_now();
  nothing   uuid := '00000000-0000-0000-0000-000000000000';
  ids       uuid[];
  s         record;
  has_territory boolean := false;
  cleaned   uuid[];
BEGIN
  -- By number of the image, zeros for what is not stored (with NULL it would not be an index).
  SELECT array_agg(coalesce(i.aggregate_id, nothing) ORDER BY g.n) INTO ids
    FROM generate_series(1, (SELECT max(i.n) FROM unnest(images) i)) g (n)
    LEFT JOIN unnest(images) i ON i.n = g.n;
  FOR s IN
    SELECT c.aggregate_kind, c.table_name, c.style, c.is_public, c.key_column, g.numbers, g.firsts,
           g.lasts, g.bodies, g.told_columns
      FROM cpts.sync_table c
      LEFT JOIN (SELECT r.kind, array_agg(r.n) AS numbers, array_agg(r.first) AS firsts,
                        array_agg(r.last) AS lasts, array_agg(r.body) AS bodies,
                        ARRAY(SELECT json_object_keys((array_agg(r.body))[1]::json)) AS told_columns
                   FROM unnest(records) r
                  WHERE ids[r.n] <> nothing
                  GROUP BY r.kind) g ON g.kind = c.table_name
     WHERE c.aggregate_kind IN (SELECT i.aggregate_kind FROM unnest(images) i)
     ORDER BY c.rank LOOP
    -- A head is one row, which the upsert replaces.
    cleaned := CASE WHEN s.style = 'WHOLE' AND cpts.sync_key_columns(s.table_name) = ARRAY[s.key_column]
                    THEN '{}' ELSE ARRAY(
      SELECT i.aggregate_id FROM unnest(images) i
       WHERE i.aggregate_kind = s.aggregate_kind AND i.aggregate_id = ANY (known_ids)
         AND (s.style = 'WHOLE' OR i.since = 0) AND (s.is_public OR NOT i.is_public)) END;
    IF cardinality(cleaned) > 0 THEN
      PERFORM cpts.sync_clean(s.aggregate_kind, s.table_name, cleaned, coalesce(s.bodies, '{}'));
    END IF;
    IF s.numbers IS NOT NULL THEN
      EXECUTE cpts.sync_upsert_query(s.aggregate_kind, s.table_name, s.told_columns)
        USING s.numbers, s.firsts, s.lasts, s.bodies, t.owners_dates, now_at, ids;
    END IF;
    has_territory := has_territory OR (s.table_name = 'cpts_territory' AND s.numbers IS NOT NULL);
  END LOOP;
  PERFORM cpts.sync_derive(images, has_territory);
END
$$;
COMMENT ON FUNCTION cpts.sync_store(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], uuid[])
  IS 'Stores images in the tables of facts, a statement a table; rows that a whole image has not are removed from aggregates that were here (known_ids). Fails where a table refuses a row.';

CREATE FUNCTION cpts.sync_park(t cpts.sync_terms, i cpts.sync_image, why text, what text,
    records cpts.sync_record[]) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  rows_told text := (SELECT json_agg(json_build_object('kind', r.kind, 'row', r.body))::text
                       FROM unnest(records) r WHERE r.n = i.n);
  is_new boolean;
BEGIN
  IF octet_length(rows_told) > 262144 THEN
    rows_told := '';
  END IF;
  IF why = 'PARKED' THEN
    UPDATE cpts.parked_aggregate p
       SET times = p.times + 1, last_at = cpts.log_now(), version = i.version, epoch = i.epoch,
           owner_node = i.owner_node, told = coalesce(rows_told, '')
     WHERE p.peer = t.peer AND p.aggregate_kind = i.aggregate_kind
       AND p.aggregate_id = i.aggregate_id AND p.rejected_at IS NULL;
    RETURN false;
  END IF;
  INSERT INTO cpts.parked_aggregate AS p (parked_id, peer, aggregate_kind, aggregate_id, reason,
      detail, version, epoch, owner_node, lead_region, told, parked_at, last_at)
    VALUES (gen_random_uuid(), t.peer, i.aggregate_kind, i.aggregate_id,
      -- Checked before the conflict is seen; an aggregate that is parked keeps its reason.
      CASE why WHEN 'PARKED' THEN 'NOT_APPLIED' ELSE why END, what, i.version,
      i.epoch, i.owner_node, i.lead_region, coalesce(rows_told, ''), cpts.log_now(), cpts.log_now())
    ON CONFLICT (peer, aggregate_kind, aggregate_id) WHERE rejected_at IS NULL
    DO UPDATE SET times = p.times + 1, last_at = excluded.last_at, version = excluded.version,
      epoch = excluded.epoch, owner_node = excluded.owner_node, told = excluded.told,
      retry_wanted = p.retry_wanted AND NOT t.repair, reason = excluded.reason,
      detail = excluded.detail
    RETURNING p.times = 1 INTO is_new;
  PERFORM cpts.sync_alarm(t.peer, why, i.aggregate_id::text, what);
  RETURN is_new;
END
$$;
COMMENT ON FUNCTION cpts.sync_park(cpts.sync_terms, cpts.sync_image, text, text, cpts.sync_record[])
  IS 'Parks an aggregate, or counts one that is; whether it is new.';

CREATE FUNCTION cpts.sync_apply_images(t cpts.sync_terms, images cpts.sync_image[],
    records cpts.sync_record[], fresh_kinds text[], fresh_ids uuid[], fresh_epochs int[],
    OUT stored_count int, OUT absorbed_count int, OUT newly_parked_count int)
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  v        record;
  unknown  int[] := ARRAY(
    SELECT DISTINCT r.n FROM unnest(records) r
     WHERE NOT EXISTS (SELECT FROM cpts.sync_table s WHERE s.table_name = r.kind));
  -- Rows are stored by their table: one of another kind of aggregate was judged as none.
  misplaced int[] := ARRAY(
    SELECT DISTINCT i.n FROM unnest(records) r
      JOIN unnest(images) i ON i.n = r.n
      JOIN cpts.sync_table s ON s.table_name = r.kind AND s.aggregate_kind <> i.aggregate_kind);
  unlike   int[] := ARRAY(SELECT cpts.sync_unlike(images, records));
  outside  int[] := ARRAY(SELECT cpts.sync_referral_scope(t, images, records));
  parked   int[] := '{}';
  reasons  text[] := '{}';
  details  text[] := '{}';
  stored   cpts.sync_image[];
  by_id    uuid[];
BEGIN
  absorbed_count := 0;
  newly_parked_count := 0;
  WITH judged AS (
    SELECT j.n, j.detail, j.here_version,
           CASE WHEN j.verdict NOT IN ('STORED', 'NOT_APPLIED') THEN j.verdict
                WHEN j.n = ANY (unknown) THEN 'KIND_UNKNOWN'
                WHEN j.n = ANY (misplaced || unlike) THEN 'ORIGIN_FORGED'
                WHEN j.n = ANY (outside) THEN 'OUT_OF_SCOPE' ELSE j.verdict END AS verdict
      FROM cpts.sync_verdicts(t, images, fresh_kinds, fresh_ids, fresh_epochs) j
  )
  SELECT coalesce(array_agg(i ORDER BY i.n) FILTER (WHERE j.verdict = 'STORED'), '{}') AS stored,
         coalesce(array_agg(i.aggregate_id) FILTER (WHERE j.verdict = 'STORED'
                                                      AND j.here_version IS NOT NULL), '{}') AS known,
         count(*) FILTER (WHERE j.verdict = 'ABSORBED') AS absorbed,
         array_agg(j.n) FILTER (WHERE j.verdict NOT IN ('STORED', 'ABSORBED')) AS parked,
         array_agg(j.verdict) FILTER (WHERE j.verdict NOT IN ('STORED', 'ABSORBED')) AS reasons,
         array_agg(j.detail) FILTER (WHERE j.verdict NOT IN ('STORED', 'ABSORBED')) AS details
    INTO v
    FROM judged j JOIN unnest(images) i ON i.n = j.n;
  stored := v.stored;
  stored_count := cardinality(stored);
  absorbed_count := v.absorbed;
  IF stored_count > 0 THEN
    PERFORM cpts.sync_store(t, stored, records, v.known);
    by_id := ARRAY(SELECT i.aggregate_id FROM unnest(stored) i);
    PERFORM cpts.sync_mark_images(t, stored, fresh_kinds, fresh_ids);
    IF t.repair OR t.restore THEN
      PERFORM cpts.sync_unpark(t.peer, by_id);
    END IF;
  END IF;
  IF v.parked IS NOT NULL THEN
    SELECT count(*) FILTER (WHERE cpts.sync_park(t, i, p.reason, p.detail, records))
      INTO newly_parked_count
      FROM unnest(v.parked, v.reasons, v.details) p (n, reason, detail)
      JOIN unnest(images) i ON i.n = p.n;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.sync_apply_images(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], text[], uuid[], int[])
  IS 'Stores what may be stored of images, and parks the rest. Fails where a table refuses a row.';

CREATE FUNCTION cpts.sync_unpark(of_peer text, ids uuid[]) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  DELETE FROM cpts.parked_aggregate p
   WHERE p.peer = of_peer AND p.aggregate_id = ANY (ids) AND p.rejected_at IS NULL;
  UPDATE cpts.federation_alarm a
     SET cleared_at = clock_timestamp(), cleared_by = 'stored'
   WHERE a.peer = of_peer AND a.cleared_at IS NULL
     AND a.alarm IN ('KIND_UNKNOWN', 'ORIGIN_FORGED', 'OUT_OF_SCOPE', 'EPOCH_STALE', 'NOT_APPLIED')
     AND a.aggregate = ANY (ARRAY(SELECT u::text FROM unnest(ids) u));
END;
COMMENT ON FUNCTION cpts.sync_unpark(text, uuid[])
  IS 'Aggregates of a peer that are stored after all: parked no more, their alarms are down.';

CREATE FUNCTION cpts.sync_apply_singly(t cpts.sync_terms, images cpts.sync_image[],
    records cpts.sync_record[], fresh_kinds text[], fresh_ids uuid[], fresh_epochs int[],
    OUT stored_count int, OUT absorbed_count int, OUT newly_parked_count int)
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  i    cpts.sync_image;
  one  record;
  rows_of cpts.sync_record[];
BEGIN
  stored_count := 0;
  absorbed_count := 0;
  newly_parked_count := 0;
  FOREACH i IN ARRAY images LOOP
    rows_of := ARRAY(SELECT r FROM unnest(records) r WHERE r.n = i.n);
    BEGIN
      SELECT a.stored_count, a.absorbed_count, a.newly_parked_count INTO one
        FROM cpts.sync_apply_images(t, ARRAY[i], rows_of, fresh_kinds, fresh_ids, fresh_epochs) a;
      stored_count := stored_count + one.stored_count;
      absorbed_count := absorbed_count + one.absorbed_count;
      newly_parked_count := newly_parked_count + one.newly_parked_count;
    EXCEPTION
      WHEN SQLSTATE 'CPF01' THEN
        newly_parked_count := newly_parked_count
          + cpts.sync_park(t, i, 'ORIGIN_FORGED', SQLERRM, rows_of)::int;
      WHEN OTHERS THEN
        -- Deadlock, no room, locks, shutdown: the node's fault, not the image's.
        IF left(SQLSTATE, 2) IN ('40', '53', '55', '57', '58') THEN
          RAISE;
        END IF;
        newly_parked_count := newly_parked_count
          + cpts.sync_park(t, i, 'NOT_APPLIED', SQLSTATE || ' ' || SQLERRM, rows_of)::int;
    END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.sync_apply_singly(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], text[], uuid[], int[])
  IS 'As cpts.sync_apply_images(), with a savepoint for each image: one that fails is parked.';

CREATE FUNCTION cpts.sync_append(node text, peer text, words text[], origin_nodes text[],
    origin_positions bigint[], epochs int[], kinds text[], ids uuid[], versions int[],
    events text[], recorded_ats bigint[], actors text[], command_ids uuid[], content_hashes bytea[],
    schema_versions int[], lead_regions text[], contents bytea[], prev_hashes bytea[],
    hashes bytea[], refusals text[], OUT entry_count int, OUT apart_count int)
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  base   bigint := current_setting('app.log_position')::bigint;
  is_restore boolean := 'restore' = ANY (words);
  lost_after bigint := (SELECT s.lost_after FROM cpts.node_self s);
  goes_on    boolean := true;
  own_last   bigint := 0;
  untold int;
BEGIN
  entry_count := 0;
  apart_count := 0;
  IF cardinality(origin_positions) = 0 THEN
    RETURN;
  END IF;
  IF is_restore THEN
    SELECT g.last_position, g.goes_on INTO own_last, goes_on
      FROM cpts.sync_goes_on(node, origin_positions, prev_hashes, hashes) g;
  END IF;
  WITH told AS MATERIALIZED (
    SELECT e.origin_node, e.origin_position, e.epoch, e.kind, e.id, e.version, e.event,
           cpts.sync_moment(e.recorded_at) AS recorded_at, e.actor, e.command_id, e.content_hash,
           e.schema_version, e.lead_region, e.content, e.prev_hash, e.hash, e.nth,
           -- What stands at that place already the engine cannot see.
           CASE WHEN e.refusal = 'ORIGIN_FORGED' THEN e.refusal
                WHEN l.hash = e.hash THEN 'KNOWN'
                WHEN is_restore AND l.hash IS NOT NULL AND l.origin_position > lost_after
                THEN 'GIVEN_BACK'
                WHEN l.hash IS NOT NULL THEN 'FORKED'
                WHEN e.refusal <> '' THEN 'CHAIN_BROKEN'
                -- Entries stand in the log in the order of their chain, and each once.
                WHEN is_restore AND (NOT goes_on OR e.origin_position <= own_last)
                THEN 'GIVEN_BACK' ELSE 'NEW' END AS becomes,
           e.refusal IN ('', 'GAP') AS is_untold
      FROM unnest(origin_nodes, origin_positions, epochs, kinds, ids, versions, events, recorded_ats,
                  actors, command_ids, content_hashes, schema_versions, lead_regions, contents,
                  prev_hashes, hashes, refusals) WITH ORDINALITY
           AS e (origin_node, origin_position, epoch, kind, id, version, event, recorded_at, actor,
                 command_id, content_hash, schema_version, lead_region, content, prev_hash, hash,
                 refusal, nth)
      LEFT JOIN cpts.change_log l
        ON l.origin_node = e.origin_node AND l.origin_position = e.origin_position
  ), placed AS MATERIALIZED (
    SELECT base + row_number() OVER (ORDER BY t.nth) AS local_position, t.origin_node,
           t.origin_position, t.epoch, t.kind, t.id, t.version, t.event, t.recorded_at, t.actor,
           t.command_id, t.content_hash, t.schema_version, t.lead_region, t.content, t.prev_hash,
           t.hash
      FROM told t WHERE t.becomes = 'NEW'
  ), appended AS (
    INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch,
        aggregate_kind, aggregate_id, version, kind, recorded_at, origin_recorded_at, actor,
        command_id, schema_version, lead_region, bytes, prev_hash, hash)
      SELECT p.local_position, p.origin_node, p.origin_position, p.epoch, p.kind, p.id, p.version,
             p.event, cpts.log_now(), p.recorded_at, p.actor, p.command_id, p.schema_version,
             p.lead_region, p.content, p.prev_hash, p.hash
        FROM placed p
  ), remembered AS (
    INSERT INTO cpts.command (principal, command_id, content_hash, aggregate_id, version,
        log_position)
      SELECT p.actor, p.command_id, p.content_hash, p.id, p.version, p.local_position
        FROM placed p WHERE octet_length(p.content_hash) > 0
      UNION ALL
      SELECT t.actor, t.command_id, t.content_hash, t.id, t.version, base
        FROM told t WHERE t.becomes = 'GIVEN_BACK' AND octet_length(t.content_hash) > 0
      ON CONFLICT DO NOTHING
  ), apart AS (
    INSERT INTO cpts.stray_change (origin_node, origin_position, hash, peer, reason, epoch,
        aggregate_kind, aggregate_id, version, kind, recorded_at, actor, command_id,
        schema_version, lead_region, bytes, prev_hash, stored_at)
      SELECT t.origin_node, t.origin_position, t.hash, sync_append.peer, t.becomes, t.epoch, t.kind,
             t.id, t.version, t.event, t.recorded_at, t.actor, t.command_id, t.schema_version,
             t.lead_region, t.content, t.prev_hash, cpts.log_now()
        FROM told t WHERE t.becomes NOT IN ('NEW', 'KNOWN')
      ON CONFLICT DO NOTHING
  )
  SELECT count(*) FILTER (WHERE t.becomes = 'NEW'),
         count(*) FILTER (WHERE t.becomes NOT IN ('NEW', 'KNOWN')),
         count(*) FILTER (WHERE t.becomes NOT IN ('NEW', 'KNOWN', 'GIVEN_BACK') AND t.is_untold)
    INTO entry_count, apart_count, untold FROM told t;
  IF untold > 0 THEN
    PERFORM cpts.sync_alarm(sync_append.peer, 'CHAIN_BROKEN', '',
                            format('%s entries are of no chain, and are kept apart', untold));
  END IF;
  PERFORM set_config('app.log_position', (base + entry_count)::text, true);
END
$$;
COMMENT ON FUNCTION cpts.sync_append(text, text, text[], text[], bigint[], int[], text[], uuid[], int[], text[], bigint[], text[], uuid[], bytea[], int[], text[], bytea[], bytea[], bytea[], text[])
  IS 'Appends a peer''s entries to the log at the next local positions, with the outcomes of their commands, so that a repetition is known here after a hand-over. What is there is passed over; what the engine refused, what stands where another entry does, and what of this node''s own chain comes back when its place was passed, is kept apart; the outcomes of what comes back are remembered all the same.';

CREATE FUNCTION cpts.sync_tell_foreign(of_peer text, after bigint) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  told_max CONSTANT int := 16; -- alarms of one batch: the rest of it is no news
  others record;
BEGIN
  -- The index of positions is the one to take: that of origins leads to all that it ever told.
  WITH fresh AS MATERIALIZED (
    SELECT c.aggregate_kind, c.aggregate_id, c.origin_node FROM cpts.change_log c
     WHERE c.local_position > after
  )
  SELECT array_agg(h.aggregate_kind) AS kinds, array_agg(h.aggregate_id) AS ids,
         array_agg(h.epoch) AS epochs, array_agg(h.owner_node) AS owners
    INTO others
    FROM (SELECT array_agg(d.aggregate_kind) AS kinds, array_agg(d.aggregate_id) AS ids
            FROM (SELECT DISTINCT f.aggregate_kind, f.aggregate_id FROM fresh f
                   WHERE f.origin_node = of_peer) d) e
   CROSS JOIN LATERAL cpts.sync_heads(e.kinds, e.ids) h
   WHERE h.owner_node <> of_peer;
  IF others.kinds IS NULL THEN
    RETURN;
  END IF;
  PERFORM cpts.sync_alarm(of_peer, 'OUT_OF_SCOPE', f.id::text,
            format('says that it wrote version %s; owned by %s', f.version, f.owner))
     FROM (SELECT a.id, a.owner, said.version
             FROM unnest(others.kinds, others.ids, others.epochs, others.owners)
                  AS a (kind, id, epoch, owner)
            CROSS JOIN LATERAL (SELECT max(l.version) AS version FROM cpts.change_log l
                                 WHERE l.local_position > after AND l.aggregate_id = a.id
                                   AND l.aggregate_kind = a.kind AND l.origin_node = of_peer
                                   AND l.epoch = a.epoch
                                   AND l.kind <> 'OWNERSHIP_RELEASED') said
            WHERE said.version IS NOT NULL
              -- What it gave away since may be here already.
              AND NOT EXISTS (SELECT FROM cpts.change_log o
                               WHERE o.aggregate_id = a.id AND o.aggregate_kind = a.kind
                                 AND o.origin_node = of_peer AND o.epoch < a.epoch)
            ORDER BY a.id LIMIT told_max) f;
END
$$;
COMMENT ON FUNCTION cpts.sync_tell_foreign(text, bigint)
  IS 'Raises an alarm for entries of a node below, after a local position, about what is another''s in the epoch that they name. They stay, as what it said; they change nothing.';

CREATE FUNCTION cpts.sync_apply(node text, peer text, scope text, words text,
    cursor_epoch int, cursor_position bigint, peer_head bigint, scope_hash bytea,
    schema_version int, origin_position bigint, origin_hash bytea,
    entry_nodes text[], entry_positions bigint[], entry_epochs int[], entry_kinds text[],
    entry_ids uuid[], entry_versions int[], entry_events text[], entry_ats bigint[],
    entry_actors text[], entry_commands uuid[], entry_contents bytea[], entry_schemas int[],
    entry_regions text[], entry_bytes bytea[], entry_prevs bytea[], entry_hashes bytea[],
    withheld_firsts bigint[], withheld_lasts bigint[], withheld_hashes bytea[],
    image_kinds text[], image_ids uuid[], image_versions int[], image_epochs int[],
    image_owners text[], image_regions text[], image_sinces int[], image_publics boolean[],
    row_images int[], row_kinds text[], row_firsts bigint[], row_lasts bigint[], row_bodies text[],
    entry_refusals text[], image_refusals text[], image_agains boolean[])
  RETURNS cpts.sync_applied
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
    SET timezone = 'UTC' SET datestyle = 'ISO' SET work_mem = '64MB'
AS $$
DECLARE
  flags   text[] := string_to_array(words, ' ');
  t       cpts.sync_terms := ROW(node, peer, scope, 'repair' = ANY (flags), 'restore' = ANY (flags),
                                 'urgent' = ANY (flags), false);
  images  cpts.sync_image[];
  records cpts.sync_record[];
  a       cpts.sync_applied;
  fresh   record;
  own     record;
  start   bigint := current_setting('app.log_position')::bigint;
BEGIN
  IF t.restore THEN
    SELECT g.last_position, g.goes_on INTO own
      FROM cpts.sync_goes_on(node, entry_positions, entry_prevs, entry_hashes) g;
  END IF;
  SELECT e.entry_count, e.apart_count INTO a.entry_count, a.apart_count
    FROM cpts.sync_append(node, peer, flags, entry_nodes, entry_positions, entry_epochs, entry_kinds,
           entry_ids, entry_versions, entry_events, entry_ats, entry_actors, entry_commands,
           entry_contents, entry_schemas, entry_regions, entry_bytes, entry_prevs, entry_hashes,
           entry_refusals) e;
  IF t.restore THEN
    IF own.goes_on THEN
      PERFORM cpts.sync_own_runs(node, own.last_position, entry_positions, entry_prevs,
                                 withheld_lasts, withheld_hashes);
    END IF;
    PERFORM set_config('app.log_origin_position', c.chain_position::text, true),
            set_config('app.log_hash', encode(CASE c.chain_position
              WHEN 0 THEN decode(repeat('00', 32), 'hex') ELSE c.chain_hash END, 'hex'), true)
       FROM cpts.sync_chain(node) c;
  ELSE
    INSERT INTO cpts.sync_withheld (origin_node, first_position, last_position, hash)
      SELECT peer, w.first, w.last, w.hash
        FROM unnest(withheld_firsts, withheld_lasts, withheld_hashes) w (first, last, hash)
      ON CONFLICT DO NOTHING;
  END IF;
  IF a.entry_count > 0 AND scope LIKE 'region:%' AND NOT t.restore THEN
    PERFORM cpts.sync_tell_foreign(peer, start);
  END IF;
  a.stored_count := 0;
  a.absorbed_count := 0;
  a.newly_parked_count := 0;
  IF cardinality(image_ids) > 0 THEN
    images := ARRAY(SELECT ROW(i.n, i.kind, i.id, i.version, i.epoch, i.owner, i.region, i.since,
                               i.is_public, i.refusal, i.is_again)::cpts.sync_image
                      FROM unnest(image_kinds, image_ids, image_versions, image_epochs,
                                  image_owners, image_regions, image_sinces, image_publics,
                                  image_refusals, image_agains) WITH ORDINALITY
                           AS i (kind, id, version, epoch, owner, region, since, is_public, refusal,
                                 is_again,
                                 n));
    records := ARRAY(SELECT ROW(r.n, r.kind, r.first, r.last, r.body)::cpts.sync_record
                       FROM unnest(row_images, row_kinds, row_firsts, row_lasts, row_bodies)
                            AS r (n, kind, first, last, body));
    SELECT coalesce(array_agg(l.aggregate_kind), '{}') AS kinds,
           coalesce(array_agg(l.aggregate_id), '{}') AS ids,
           coalesce(array_agg(l.epoch), '{}') AS epochs
      INTO fresh
      FROM (SELECT c.aggregate_kind, c.aggregate_id, min(c.epoch) AS epoch
              FROM cpts.change_log c WHERE c.local_position > start
             GROUP BY c.aggregate_kind, c.aggregate_id) l;
    IF 'singly' = ANY (flags) THEN
      SELECT s.stored_count, s.absorbed_count, s.newly_parked_count
        INTO a.stored_count, a.absorbed_count, a.newly_parked_count
        FROM cpts.sync_apply_singly(t, images, records, fresh.kinds, fresh.ids, fresh.epochs) s;
    ELSE
      SELECT s.stored_count, s.absorbed_count, s.newly_parked_count
        INTO a.stored_count, a.absorbed_count, a.newly_parked_count
        FROM cpts.sync_apply_images(t, images, records, fresh.kinds, fresh.ids, fresh.epochs) s;
    END IF;
  END IF;
  IF NOT flags && '{urgent,repair,restore}' THEN
    PERFORM cpts.sync_cursor_move(peer, cursor_epoch, cursor_position, peer_head, scope_hash,
              schema_version, origin_position, origin_hash);
  END IF;
  PERFORM cpts.sync_stored(node);
  a.parked_count := (SELECT count(*) FROM cpts.parked_aggregate p
                      WHERE p.peer = sync_apply.peer AND p.rejected_at IS NULL);
  a.log_position := current_setting('app.log_position')::bigint;
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.sync_apply(text, text, text, text, int, bigint, bigint, bytea, int, bigint, bytea, text[], bigint[], int[], text[], uuid[], int[], text[], bigint[], text[], uuid[], bytea[], int[], text[], bytea[], bytea[], bytea[], bigint[], bigint[], bytea[], text[], uuid[], int[], int[], text[], text[], int[], boolean[], int[], text[], bigint[], bigint[], text[], text[], text[], boolean[])
  IS 'Stores a batch of a peer and moves the cursor: sql/query/federation_apply.sql.';

CREATE FUNCTION cpts.sync_cursor_move(of_peer text, to_epoch int, to_position bigint,
    peer_head bigint, to_scope_hash bytea, to_schema_version int, to_origin_position bigint,
    to_origin_hash bytea) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO cpts.sync_cursor AS c (peer, epoch, position, head, scope_hash, schema_version,
      origin_position, origin_hash, stored_at)
    VALUES (of_peer, to_epoch, to_position, peer_head, to_scope_hash, to_schema_version,
      to_origin_position, to_origin_hash, cpts.log_now())
    ON CONFLICT (peer) DO UPDATE
      SET epoch = excluded.epoch, position = excluded.position, head = excluded.head,
          scope_hash = CASE octet_length(excluded.scope_hash) WHEN 0 THEN c.scope_hash
                            ELSE excluded.scope_hash END,
          schema_version = excluded.schema_version,
          origin_position = excluded.origin_position, origin_hash = excluded.origin_hash,
          stored_at = excluded.stored_at
      WHERE octet_length(excluded.scope_hash) > 0 OR c.epoch <> excluded.epoch
         OR c.position <= excluded.position;
END;
COMMENT ON FUNCTION cpts.sync_cursor_move(text, int, bigint, bigint, bytea, int, bigint, bytea)
  IS 'This node''s place in the stream of a peer from now on. Without a scope hash, as with batches, that of the last snapshot stays, and the place never goes back: what an earlier session was still storing counts.';

CREATE FUNCTION cpts.sync_stored(node text) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO cpts.node_self AS s (name, stored_at) VALUES (node, cpts.log_now())
    ON CONFLICT (is_self) DO UPDATE SET stored_at = excluded.stored_at;
END;
COMMENT ON FUNCTION cpts.sync_stored(text)
  IS 'Notes when facts of a peer were stored: later entries and answers come after it.';

REVOKE EXECUTE ON FUNCTION cpts.sync_alarm(text, text, text, text),
  cpts.sync_tell_foreign(text, bigint),
  cpts.sync_own_runs(text, bigint, bigint[], bytea[], bigint[], bytea[]),
  cpts.sync_verdicts(cpts.sync_terms, cpts.sync_image[], text[], uuid[], int[]),
  cpts.sync_unlike(cpts.sync_image[], cpts.sync_record[]),
  cpts.sync_clean(text, text, uuid[], text[]), cpts.sync_derive(cpts.sync_image[], boolean),
  cpts.sync_store(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], uuid[]),
  cpts.sync_park(cpts.sync_terms, cpts.sync_image, text, text, cpts.sync_record[]),
  cpts.sync_unpark(text, uuid[]), cpts.sync_stored(text),
  cpts.sync_cursor_move(text, int, bigint, bigint, bytea, int, bigint, bytea),
  cpts.sync_apply_images(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], text[], uuid[], int[]),
  cpts.sync_apply_singly(cpts.sync_terms, cpts.sync_image[], cpts.sync_record[], text[], uuid[], int[]),
  cpts.sync_append(text, text, text[], text[], bigint[], int[], text[], uuid[], int[], text[], bigint[], text[], uuid[], bytea[], int[], text[], bytea[], bytea[], bytea[], text[]),
  cpts.sync_apply(text, text, text, text, int, bigint, bigint, bytea, int, bigint, bytea, text[], bigint[], int[], text[], uuid[], int[], text[], bigint[], text[], uuid[], bytea[], int[], text[], bytea[], bytea[], bytea[], bigint[], bigint[], bytea[], text[], uuid[], int[], int[], text[], text[], int[], boolean[], int[], text[], bigint[], bigint[], text[], text[], text[], boolean[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sync_alarm(text, text, text, text),
  cpts.sync_apply(text, text, text, text, int, bigint, bigint, bytea, int, bigint, bytea, text[], bigint[], int[], text[], uuid[], int[], text[], bigint[], text[], uuid[], bytea[], int[], text[], bytea[], bytea[], bytea[], bigint[], bigint[], bytea[], text[], uuid[], int[], int[], text[], text[], int[], boolean[], int[], text[], bigint[], bigint[], text[], text[], text[], boolean[])
  TO cpts_app;

COMMIT;
