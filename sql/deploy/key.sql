-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:key
-- The directory of public keys of CPTS: append-only, chained by SHA-256, in the
-- order of its positions. Positions are gap-free because every writer of the
-- log holds its lock. Private keys are never here.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.key_statement (
  cpts_id        uuid        NOT NULL,
  serial         int         NOT NULL,
  kind           text        NOT NULL,
  authority_serial int       NOT NULL DEFAULT 0,
  position       bigint      NOT NULL,
  version        int         NOT NULL,
  lead_region    text        NOT NULL,
  encryption_key bytea,
  signing_key    bytea,
  valid_from     timestamptz NOT NULL,
  valid_to       timestamptz NOT NULL,
  entry          bytea       NOT NULL,
  prev_hash      cpts.sha256 NOT NULL,
  hash           cpts.sha256 NOT NULL,
  recorded_at    timestamptz NOT NULL,
  CONSTRAINT key_statement_key PRIMARY KEY (cpts_id, serial, kind, authority_serial),
  CONSTRAINT key_statement_position_range CHECK (position >= 1),
  CONSTRAINT key_statement_serial_range CHECK (serial >= 1),
  CONSTRAINT key_statement_kind_known CHECK (kind IN ('STATEMENT', 'REVOCATION', 'AUTHORITY')),
  CONSTRAINT key_statement_authority_serial_range CHECK (authority_serial >= 0),
  CONSTRAINT key_statement_keys CHECK ((kind = 'STATEMENT')
    = (octet_length(coalesce(encryption_key, '')) = 32 AND octet_length(coalesce(signing_key, '')) = 32)),
  CONSTRAINT key_statement_valid CHECK (valid_from < valid_to),
  CONSTRAINT key_statement_entry_length CHECK (octet_length(entry) BETWEEN 1 AND 16384),
  CONSTRAINT key_statement_chain CHECK (hash = sha256(prev_hash || int8send(position) || entry))
);
-- Not unique: no constraint between aggregates may keep a replica from storing what was decided.
CREATE INDEX key_statement_position_idx ON cpts.key_statement (position);
COMMENT ON TABLE cpts.key_statement
  IS 'Key statements of CPTS and their revocations, as the key authority of each region signed them. What a row says is judged by who reads it, from the federation root: a changed row gains nothing.';
COMMENT ON COLUMN cpts.key_statement.cpts_id IS 'The CPTS whose keys they are; of a region''s authority, the id that stands for it.';
COMMENT ON COLUMN cpts.key_statement.serial IS 'Serial of the statement, from 1 in each CPTS; of an authority, of the last certificate revoked.';
COMMENT ON COLUMN cpts.key_statement.kind IS 'STATEMENT, REVOCATION of the statement of that serial, or AUTHORITY: the root revoked a region''s authority.';
COMMENT ON COLUMN cpts.key_statement.authority_serial
  IS 'Serial of the certificate of the authority that signed a statement: a successor signs the same one again; 0 otherwise.';
COMMENT ON COLUMN cpts.key_statement.position IS 'Position in the directory, gap-free from 1.';
COMMENT ON COLUMN cpts.key_statement.version IS 'Entries of the directory about this CPTS, this one included.';
COMMENT ON COLUMN cpts.key_statement.lead_region IS 'Lead region of the CPTS when recorded; for row-level security.';
COMMENT ON COLUMN cpts.key_statement.encryption_key IS 'X25519 public key, 32 bytes; of a statement.';
COMMENT ON COLUMN cpts.key_statement.signing_key IS 'Ed25519 public key, 32 bytes; of a statement.';
COMMENT ON COLUMN cpts.key_statement.valid_from
  IS 'From when it holds, its authority''s certificate included; of a revocation, when it was decided.';
COMMENT ON COLUMN cpts.key_statement.valid_to
  IS 'From when it no longer does, its authority''s certificate included; infinity for a revocation.';
COMMENT ON COLUMN cpts.key_statement.entry IS 'cpts.v1.KeyEntry as it was packed once, never again.';
COMMENT ON COLUMN cpts.key_statement.prev_hash IS 'Hash of the entry before it; 32 zero bytes at first.';
COMMENT ON COLUMN cpts.key_statement.hash IS 'sha256(prev_hash, position as 8 big-endian bytes, entry).';
COMMENT ON COLUMN cpts.key_statement.recorded_at IS 'When this node recorded it.';

ALTER TABLE cpts.key_statement ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.key_statement FORCE ROW LEVEL SECURITY;
-- A directory, for every identity but the public.
CREATE POLICY key_statement_read ON cpts.key_statement FOR SELECT
  USING ((SELECT cpts.may_read()));
CREATE POLICY key_statement_append ON cpts.key_statement FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));

CREATE FUNCTION cpts.key_append(cpts_id uuid, serial int, kind text, version int, lead_region text,
    encryption_key bytea, signing_key bytea, valid_from timestamptz, valid_to timestamptz,
    entry bytea, authority_serial int) RETURNS bigint
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  head_position bigint := 0;
  head_hash     bytea  := decode(repeat('00', 32), 'hex');
BEGIN
  SELECT k.position, k.hash INTO head_position, head_hash
    FROM cpts.key_statement k ORDER BY k.position DESC LIMIT 1;
  head_position := coalesce(head_position, 0) + 1;
  head_hash := coalesce(head_hash, decode(repeat('00', 32), 'hex'));
  INSERT INTO cpts.key_statement (cpts_id, serial, kind, authority_serial, position, version,
      lead_region, encryption_key, signing_key, valid_from, valid_to, entry, prev_hash, hash,
      recorded_at)
    VALUES (cpts_id, serial, kind, authority_serial, head_position, version, lead_region, encryption_key, signing_key,
      valid_from, valid_to, entry, head_hash,
      sha256(head_hash || int8send(head_position) || entry), cpts.log_now());
  RETURN head_position;
END
$$;
COMMENT ON FUNCTION cpts.key_append(uuid, int, text, int, text, bytea, bytea, timestamptz, timestamptz, bytea, int)
  IS 'Takes the next position of the directory and chains the entry. Needs the log''s lock, as every writer of the log has it.';

CREATE FUNCTION cpts.authority_is_revoked(of_region text, of_serial int) RETURNS boolean
  LANGUAGE sql STABLE
  RETURN EXISTS (SELECT FROM cpts.key_statement k
                  WHERE k.kind = 'AUTHORITY' AND k.lead_region = of_region
                    AND k.serial >= of_serial);
COMMENT ON FUNCTION cpts.authority_is_revoked(text, int)
  IS 'The root revoked the certificate of that serial, or a later one, of a region''s authority.';
CREATE INDEX key_statement_lead_region_serial_idx ON cpts.key_statement (lead_region, serial)
  WHERE kind = 'AUTHORITY';

GRANT SELECT, INSERT ON cpts.key_statement TO cpts_app;

COMMIT;
