-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:audit
-- The audit trail of reads. A read and its entry are one statement, and its
-- answer leaves after the commit only: what was seen is recorded. Entries come
-- in from many transactions at once; cpts.audit_chain_append() puts them in an
-- order and chains them by hash, about once a second. Nothing is changed or
-- deleted here by the server. Acts need none of this: they are the change log.
-- Locks: new tables only.
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
  settled    xid8 := pg_snapshot_xmin(pg_current_snapshot());
  horizon_at xid8;
  head       bigint;
  head_hash  bytea;
  chained    int := 0;
  last_xid   xid8;
  entry      cpts.audit_read;
BEGIN
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
  IS 'Chains entries whose transactions are over, at most so many, and says how many. The caller holds cpts.audit_lock_key() since a statement before. SECURITY DEFINER: cpts_app may only add entries.';

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
REVOKE EXECUTE ON FUNCTION cpts.audit_chain_append(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.audit_chain_append(int) TO cpts_app;

COMMIT;
