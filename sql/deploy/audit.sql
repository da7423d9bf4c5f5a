-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:audit
-- The audit trail of reads. A read and its entry are one statement, and its
-- answer leaves after the commit only: what was seen is recorded. Entries come
-- in from many transactions at once; cpts.audit_chain_append() puts them in an
-- order and chains them by hash, about once a second. Nothing is changed or
-- deleted here by the server. Acts need none of this: they are the change log.
-- Locks: new tables; change_log, for an index that is built in a moment.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.audit_read (
  entry_id    bigint      GENERATED ALWAYS AS IDENTITY,
  xid         xid8        NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  principal   text        NOT NULL DEFAULT current_setting('app.principal'),
  scope       text        NOT NULL DEFAULT current_setting('app.scope'),
  rpps        text        NOT NULL,
  profession  text        NOT NULL,
  function    text        NOT NULL,
  purpose     text        NOT NULL,
  method      text        NOT NULL,
  referral_id uuid,
  parts       text        NOT NULL,
  item_count  int         NOT NULL,
  CONSTRAINT audit_read_key PRIMARY KEY (entry_id),
  CONSTRAINT audit_read_reader CHECK ((rpps <> '') <> (function <> '')),
  CONSTRAINT audit_read_purpose_known
    CHECK (purpose IN ('CARE', 'COORDINATION', 'DESK', 'MAINTENANCE')),
  CONSTRAINT audit_read_item_count_range CHECK (item_count >= 0),
  CONSTRAINT audit_read_separator CHECK (strpos(principal || scope || rpps || profession || function
    || purpose || method || parts, E'\x1f') = 0)
);
CREATE INDEX audit_read_xid_idx ON cpts.audit_read (xid);
CREATE INDEX audit_read_referral_id_idx ON cpts.audit_read (referral_id, entry_id)
  WHERE referral_id IS NOT NULL;
CREATE INDEX audit_read_scope_idx ON cpts.audit_read (scope, entry_id);
COMMENT ON TABLE cpts.audit_read IS 'Who read what of referrals, when and why. Append-only; never a content.';
COMMENT ON COLUMN cpts.audit_read.entry_id IS 'Number of the entry; gaps mean nothing.';
COMMENT ON COLUMN cpts.audit_read.xid IS 'Transaction that wrote it: tells the chain which entries cannot come any more.';
COMMENT ON COLUMN cpts.audit_read.recorded_at IS 'When.';
COMMENT ON COLUMN cpts.audit_read.principal IS 'Identity that called, a SPIFFE URI.';
COMMENT ON COLUMN cpts.audit_read.scope IS 'Its scope then: cpts:<uuid> or region:<INSEE>.';
COMMENT ON COLUMN cpts.audit_read.rpps IS 'RPPS number of the reader as the calling structure stated it, or empty.';
COMMENT ON COLUMN cpts.audit_read.profession IS 'Code of the reader''s profession, or empty.';
COMMENT ON COLUMN cpts.audit_read.function IS 'Function of a reader without RPPS number, or empty.';
COMMENT ON COLUMN cpts.audit_read.purpose IS 'Why, as cpts.v1.Purpose.';
COMMENT ON COLUMN cpts.audit_read.method IS 'Name of the RPC.';
COMMENT ON COLUMN cpts.audit_read.referral_id IS 'The referral asked for; NULL for a list or a stream.';
COMMENT ON COLUMN cpts.audit_read.parts IS 'Sealed parts that left, separated by commas: OFFER, CONTENT, NOTES, ATTACHMENT.';
COMMENT ON COLUMN cpts.audit_read.item_count IS 'Referrals, notes or chunks that left; 0 for what was refused.';

CREATE TABLE cpts.audit_chain (
  position  bigint      NOT NULL,
  entry_id  bigint      NOT NULL,
  prev_hash cpts.sha256 NOT NULL,
  hash      cpts.sha256 NOT NULL,
  CONSTRAINT audit_chain_key PRIMARY KEY (position),
  CONSTRAINT audit_chain_entry UNIQUE (entry_id),
  CONSTRAINT audit_chain_position_range CHECK (position >= 1)
);
COMMENT ON TABLE cpts.audit_chain IS 'Entries of audit_read in one order, each with the hash of those before it.';
COMMENT ON COLUMN cpts.audit_chain.position IS 'Gap-free from 1.';
COMMENT ON COLUMN cpts.audit_chain.entry_id IS 'The entry.';
COMMENT ON COLUMN cpts.audit_chain.prev_hash IS 'Hash of the link before it; 32 zero bytes at first.';
COMMENT ON COLUMN cpts.audit_chain.hash
  IS 'sha256(prev_hash, position as 8 big-endian bytes, cpts.audit_read_bytes of the entry).';

CREATE TABLE cpts.audit_checkpoint (
  position     bigint      NOT NULL,
  horizon      xid8        NOT NULL,
  log_position bigint      NOT NULL,
  log_hash     cpts.sha256 NOT NULL,
  recorded_at  timestamptz NOT NULL,
  CONSTRAINT audit_checkpoint_key PRIMARY KEY (position)
);
COMMENT ON TABLE cpts.audit_checkpoint
  IS 'Where both chains ended when reads were chained: the end of each run of cpts.audit_chain_append().';
COMMENT ON COLUMN cpts.audit_checkpoint.position IS 'Last position of audit_chain then.';
COMMENT ON COLUMN cpts.audit_checkpoint.horizon IS 'Every transaction before it was over, and its entries are chained.';
COMMENT ON COLUMN cpts.audit_checkpoint.log_position IS 'Last position of the change log then; 0 when it was empty.';
COMMENT ON COLUMN cpts.audit_checkpoint.log_hash IS 'Hash of that change; zeros when the log was empty.';
COMMENT ON COLUMN cpts.audit_checkpoint.recorded_at IS 'When.';

CREATE FUNCTION cpts.audit_read_bytes(entry cpts.audit_read) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN convert_to(concat_ws(E'\x1f', (entry).entry_id::text,
    (extract(epoch FROM (entry).recorded_at) * 1000000)::bigint::text, (entry).principal,
    (entry).scope, (entry).rpps, (entry).profession, (entry).function, (entry).purpose,
    (entry).method, coalesce((entry).referral_id::text, ''), (entry).parts,
    (entry).item_count::text), 'UTF8');
COMMENT ON FUNCTION cpts.audit_read_bytes(cpts.audit_read)
  IS 'The bytes of an entry that are chained: twelve fields as text, separated by U+001F.';

CREATE FUNCTION cpts.audit_lock_key() RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 4713;
COMMENT ON FUNCTION cpts.audit_lock_key()
  IS 'Advisory lock of whoever chains reads. Taken alone, never with the log''s.';

CREATE FUNCTION cpts.audit_chain_append(entry_max int) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  settled    xid8;
  horizon_at xid8;
  head       bigint;
  head_hash  bytea;
  chained    int := 0;
  last_xid   xid8;
  entry      cpts.audit_read;
BEGIN
  -- Whoever comes next sees all of this: its statements look at the database after the lock.
  IF NOT pg_try_advisory_xact_lock(cpts.audit_lock_key()) THEN
    RETURN 0;
  END IF;
  settled := pg_snapshot_xmin(pg_current_snapshot());
  SELECT c.horizon INTO horizon_at FROM cpts.audit_checkpoint c ORDER BY c.position DESC LIMIT 1;
  SELECT c.position, c.hash INTO head, head_hash
    FROM cpts.audit_chain c ORDER BY c.position DESC LIMIT 1;
  head := coalesce(head, 0);
  head_hash := coalesce(head_hash, decode(repeat('00', 32), 'hex'));
  -- A database that was copied into another cluster counts transactions anew.
  IF horizon_at IS NULL OR horizon_at > settled THEN
    horizon_at := '0';
  END IF;
  FOR entry IN
    SELECT a.* FROM cpts.audit_read a
     WHERE a.xid >= horizon_at AND a.xid < settled
       AND NOT EXISTS (SELECT FROM cpts.audit_chain c WHERE c.entry_id = a.entry_id)
     ORDER BY a.xid, a.entry_id LIMIT entry_max
  LOOP
    INSERT INTO cpts.audit_chain (position, entry_id, prev_hash, hash)
      VALUES (head + 1, entry.entry_id, head_hash,
        sha256(head_hash || int8send(head + 1) || cpts.audit_read_bytes(entry)))
      RETURNING position, hash INTO head, head_hash;
    chained := chained + 1;
    last_xid := entry.xid;
  END LOOP;
  IF chained > 0 THEN
    INSERT INTO cpts.audit_checkpoint (position, horizon, log_position, log_hash, recorded_at)
      SELECT head, CASE WHEN chained = entry_max THEN last_xid ELSE settled END,
             coalesce(l.local_position, 0), coalesce(l.hash, decode(repeat('00', 32), 'hex')),
             clock_timestamp()
        FROM (VALUES (1)) one
        LEFT JOIN (SELECT g.local_position, g.hash FROM cpts.change_log g
                    ORDER BY g.local_position DESC LIMIT 1) l ON true;
  END IF;
  RETURN chained;
END
$$;
COMMENT ON FUNCTION cpts.audit_chain_append(int)
  IS 'Chains entries whose transactions are over, at most so many, and says how many; none while another server does. SECURITY DEFINER: cpts_app may only add entries.';

CREATE INDEX change_log_recorded_at_idx ON cpts.change_log USING brin (recorded_at);

CREATE FUNCTION cpts.audit_sees(reader_scope text, referral uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  me text := current_setting('app.scope', true);
BEGIN
  IF me = '*' OR me = reader_scope THEN
    RETURN true;
  END IF;
  IF EXISTS (SELECT FROM cpts.referral r
              WHERE r.referral_id = referral AND cpts.takes_part(r.parties, r.origin_region)) THEN
    RETURN true;
  END IF;
  RETURN me LIKE 'region:%' AND reader_scope LIKE 'cpts:%'
    AND EXISTS (SELECT FROM cpts.cpts c
                 WHERE c.cpts_id = substr(reader_scope, 6)::uuid
                   AND c.lead_region = substr(me, 8));
END
$$;
COMMENT ON FUNCTION cpts.audit_sees(text, uuid)
  IS 'The scope of this transaction may see an entry: its own, of a referral in which it takes part or whose desk it is, or of a CPTS of its region; * sees all. SECURITY DEFINER: asked by functions that run as the owner.';

CREATE FUNCTION cpts.audit_list(of_referral uuid, of_cpts uuid, chain text, from_day date,
    to_day date, known timestamptz, skipped int, row_max int)
  RETURNS TABLE (chain text, "position" bigint, at timestamptz, principal text, rpps text,
    profession text, function text, purpose text, method text, referral_id uuid, parts text,
    item_count int, version int, bytes bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT e.*
    FROM (SELECT 'READS' AS chain, coalesce(c.position, 0) AS "position", a.recorded_at AS at,
                 a.principal, a.rpps, a.profession, a.function, a.purpose, a.method, a.referral_id,
                 a.parts, a.item_count, 0 AS version, NULL::bytea AS bytes
            FROM cpts.audit_read a
            LEFT JOIN cpts.audit_chain c ON c.entry_id = a.entry_id
           WHERE audit_list.chain IN ('', 'READS')
             AND (of_referral IS NULL OR a.referral_id = of_referral)
             AND (of_cpts IS NULL OR a.scope = 'cpts:' || of_cpts::text)
             AND a.recorded_at >= from_day AND a.recorded_at < to_day + 1
             AND a.recorded_at <= known
             AND (of_referral IS NOT NULL OR current_setting('app.scope', true) NOT LIKE 'cpts:%'
                  OR a.scope = current_setting('app.scope', true))
             AND cpts.audit_sees(a.scope, a.referral_id)
          UNION ALL
          SELECT 'ACTS', l.local_position, l.recorded_at, l.actor, '', '', '', '', l.kind,
                 l.aggregate_id, '', 0, l.version, l.bytes
            FROM cpts.change_log l
           WHERE audit_list.chain IN ('', 'ACTS') AND l.aggregate_kind = 'REFERRAL'
             AND (of_referral IS NULL OR l.aggregate_id = of_referral)
             AND (of_cpts IS NULL OR EXISTS (SELECT FROM cpts.principal_role p
                    WHERE p.principal = l.actor AND p.scope = 'cpts:' || of_cpts::text))
             AND l.recorded_at >= from_day AND l.recorded_at < to_day + 1
             AND l.recorded_at <= known
             AND cpts.audit_sees('', l.aggregate_id)) e
   ORDER BY e.at DESC, e.chain, e."position" DESC
   OFFSET skipped LIMIT row_max;
END;
COMMENT ON FUNCTION cpts.audit_list(uuid, uuid, text, date, date, timestamptz, int, int)
  IS 'Entries of the audit trail that this transaction''s scope may see, newest first: of one referral, or the reads of one''s own CPTS and the acts on its referrals. SECURITY DEFINER: cpts_app cannot read the trail.';

CREATE FUNCTION cpts.audit_links(chain text, node text, after bigint, row_max int)
  RETURNS TABLE ("position" bigint, prev_hash bytea, bytes bytea, hash bytea, head bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT l."position", l.prev_hash, l.bytes, l.hash, l.head
    FROM (SELECT c.position AS "position", c.prev_hash, cpts.audit_read_bytes(a) AS bytes, c.hash,
                 (SELECT max(m.position) FROM cpts.audit_chain m) AS head
            FROM cpts.audit_chain c
            JOIN cpts.audit_read a ON a.entry_id = c.entry_id
           WHERE audit_links.chain = 'READS' AND c.position > after
             AND c.position <= after + row_max
          UNION ALL
          SELECT g.origin_position, g.prev_hash, g.bytes, g.hash,
                 (SELECT max(m.origin_position) FROM cpts.change_log m WHERE m.origin_node = node)
            FROM cpts.change_log g
           WHERE audit_links.chain = 'ACTS' AND g.origin_node = node
             AND g.origin_position > after AND g.origin_position <= after + row_max) l
   WHERE current_setting('app.scope', true) = '*'
   ORDER BY l."position";
END;
COMMENT ON FUNCTION cpts.audit_links(text, text, bigint, int)
  IS 'Links of a chain after a position, for scope * only. SECURITY DEFINER: cpts_app cannot read the trail.';

CREATE FUNCTION cpts.audit_heads(node text)
  RETURNS TABLE (chain text, node text, "position" bigint, hash bytea, at timestamptz,
    pending bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT h.chain, h.node, h."position", h.hash, h.at,
         (SELECT count(*) FROM cpts.audit_read a
           WHERE a.xid >= coalesce((SELECT k.horizon FROM cpts.audit_checkpoint k
                                     ORDER BY k.position DESC LIMIT 1), '0')
             AND NOT EXISTS (SELECT FROM cpts.audit_chain c WHERE c.entry_id = a.entry_id))
    FROM (SELECT 'READS' AS chain, audit_heads.node AS node, c.position AS "position", c.hash,
                 (SELECT a.recorded_at FROM cpts.audit_read a WHERE a.entry_id = c.entry_id) AS at
            FROM (SELECT m.position, m.hash, m.entry_id FROM cpts.audit_chain m
                   ORDER BY m.position DESC LIMIT 1) c
          UNION ALL
          SELECT 'ACTS', g.origin_node, g.origin_position, g.hash, g.recorded_at
            FROM (SELECT DISTINCT m.origin_node FROM cpts.change_log m) n
           CROSS JOIN LATERAL (
             SELECT m.origin_node, m.origin_position, m.hash, m.recorded_at FROM cpts.change_log m
              WHERE m.origin_node = n.origin_node
              ORDER BY m.origin_position DESC LIMIT 1) g) h
   WHERE current_setting('app.scope', true) = '*'
   ORDER BY h.chain DESC, h.node;
END;
COMMENT ON FUNCTION cpts.audit_heads(text)
  IS 'Ends of the chain of reads and of each node''s acts, for scope * only, with the reads that are not chained yet. SECURITY DEFINER: cpts_app cannot read the trail.';

ALTER TABLE cpts.audit_read ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.audit_read FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_read_append ON cpts.audit_read FOR INSERT
  WITH CHECK (principal = current_setting('app.principal', true)
              AND scope = current_setting('app.scope', true));
ALTER TABLE cpts.audit_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.audit_chain FORCE ROW LEVEL SECURITY;
ALTER TABLE cpts.audit_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.audit_checkpoint FORCE ROW LEVEL SECURITY;

GRANT INSERT ON cpts.audit_read TO cpts_app;
REVOKE EXECUTE ON FUNCTION cpts.audit_chain_append(int), cpts.audit_sees(text, uuid),
  cpts.audit_list(uuid, uuid, text, date, date, timestamptz, int, int),
  cpts.audit_links(text, text, bigint, int), cpts.audit_heads(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.audit_chain_append(int),
  cpts.audit_list(uuid, uuid, text, date, date, timestamptz, int, int),
  cpts.audit_links(text, text, bigint, int), cpts.audit_heads(text) TO cpts_app;

COMMIT;
