-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_reads
-- What reads of referrals need: indexes of the worklists, attachments, and what
-- erasure takes away. The indexes are partial on what is not over, so that a
-- step that ends nothing changes none of their columns.
-- Locks: new tables; referral and assignment, empty at this point, for their indexes.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE INDEX assignment_destination_id_assignment_id_idx
  ON cpts.assignment (destination_id, assignment_id) WHERE ended_at IS NULL;
CREATE INDEX assignment_referral_id_idx ON cpts.assignment (referral_id)
  WHERE overdue > 0 AND ended_at IS NULL;
CREATE INDEX referral_origin_id_referral_id_idx
  ON cpts.referral (origin_id, referral_id) WHERE ended_at IS NULL;
CREATE INDEX referral_origin_region_referral_id_idx
  ON cpts.referral (origin_region, referral_id) WHERE status = 'TO_REASSIGN';
CREATE INDEX referral_ended_at_idx ON cpts.referral (ended_at)
  WHERE ended_at IS NOT NULL AND NOT erased;
CREATE INDEX referral_created_at_idx ON cpts.referral USING brin (created_at);

CREATE FUNCTION cpts.scope_cpts() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_setting('app.scope', true) LIKE 'cpts:%'
              THEN substr(current_setting('app.scope', true), 6)::uuid END;
COMMENT ON FUNCTION cpts.scope_cpts() IS 'The CPTS that this transaction acts for; NULL for any other scope.';

CREATE FUNCTION cpts.scope_region() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_setting('app.scope', true) LIKE 'region:%'
              THEN substr(current_setting('app.scope', true), 8) END;
COMMENT ON FUNCTION cpts.scope_region() IS 'The region whose ARS this transaction acts for; NULL for any other scope.';

CREATE TABLE cpts.recipient_word (
  code  text NOT NULL,
  label text NOT NULL,
  CONSTRAINT recipient_word_key PRIMARY KEY (code)
);
COMMENT ON TABLE cpts.recipient_word
  IS 'Why a CPTS is a candidate for a referral, or cannot be asked. Reference data.';
COMMENT ON COLUMN cpts.recipient_word.code IS 'As cpts.v1.RecipientReason and cpts.v1.RecipientObstacle.';
COMMENT ON COLUMN cpts.recipient_word.label IS 'What people read, in French.';
INSERT INTO cpts.recipient_word (code, label) VALUES
  ('USUAL', 'CPTS du professionnel habituel du patient'),
  ('TERRITORY', 'Son territoire couvre la commune'),
  ('TERRITORY_SHARED', 'Son territoire couvre une partie de la commune, ou la partage'),
  ('NEIGHBOUR', 'CPTS voisine, par distance'),
  ('STAGE', 'Le stade de la CPTS ne permet pas de recevoir'),
  ('NOT_OPTED_IN', 'La CPTS n''a pas encore choisi de recevoir'),
  ('NO_KEY', 'La CPTS n''a pas de clé valide : rien ne peut être scellé pour elle'),
  ('ORIGIN', 'La CPTS est celle qui adresse');

CREATE TABLE cpts.referral_attachment (
  referral_id   uuid        NOT NULL,
  attachment_id uuid        NOT NULL,
  author_id     uuid        NOT NULL,
  byte_count    int         NOT NULL,
  sha256        cpts.sha256 NOT NULL,
  chunk_count   int         NOT NULL,
  complete      boolean     NOT NULL DEFAULT false,
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT referral_attachment_key PRIMARY KEY (referral_id, attachment_id),
  CONSTRAINT referral_attachment_size CHECK (byte_count BETWEEN 1 AND 10500000),
  CONSTRAINT referral_attachment_chunks CHECK (chunk_count = (byte_count + 524287) / 524288)
);
COMMENT ON TABLE cpts.referral_attachment
  IS 'Sealed attachments. Their keys and names are in the sealed content or note that mentions them. Deleted to erase them.';
COMMENT ON COLUMN cpts.referral_attachment.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_attachment.attachment_id IS 'UUIDv7 minted by whoever adds it.';
COMMENT ON COLUMN cpts.referral_attachment.author_id IS 'CPTS that adds it.';
COMMENT ON COLUMN cpts.referral_attachment.byte_count IS 'Bytes of ciphertext.';
COMMENT ON COLUMN cpts.referral_attachment.sha256 IS 'SHA-256 of the ciphertext.';
COMMENT ON COLUMN cpts.referral_attachment.chunk_count IS 'Chunks of 524,288 bytes, the last one the rest.';
COMMENT ON COLUMN cpts.referral_attachment.complete IS 'All chunks are there and their hash is right.';
COMMENT ON COLUMN cpts.referral_attachment.recorded_at IS 'When its first chunk came.';

CREATE TABLE cpts.referral_chunk (
  referral_id   uuid  NOT NULL,
  attachment_id uuid  NOT NULL,
  chunk_index   int   NOT NULL,
  chunk         bytea NOT NULL,
  CONSTRAINT referral_chunk_key PRIMARY KEY (referral_id, attachment_id, chunk_index),
  CONSTRAINT referral_chunk_index CHECK (chunk_index BETWEEN 0 AND 20),
  CONSTRAINT referral_chunk_size CHECK (octet_length(chunk) BETWEEN 1 AND 524288)
);
ALTER TABLE cpts.referral_chunk ALTER COLUMN chunk SET STORAGE EXTERNAL;
COMMENT ON TABLE cpts.referral_chunk IS 'Bytes of sealed attachments, apart from everything that lists read.';
COMMENT ON COLUMN cpts.referral_chunk.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_chunk.attachment_id IS 'The attachment.';
COMMENT ON COLUMN cpts.referral_chunk.chunk_index IS 'Number of the chunk, from 0.';
COMMENT ON COLUMN cpts.referral_chunk.chunk IS 'Ciphertext, 1 to 524,288 bytes. Stored as it is: it cannot be compressed.';

CREATE FUNCTION cpts.content_refusal(party text, erased boolean, withdrawn boolean, allowed boolean)
  RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN party IS NULL THEN 'REFERRAL_NOT_FOUND'
              WHEN party = 'DESK' THEN 'CONTENT_NOT_FOR_PARTY'
              WHEN erased THEN 'REFERRAL_IS_ERASED'
              WHEN withdrawn THEN 'CONSENT_WITHDRAWN'
              WHEN NOT coalesce(allowed, false) THEN 'CONTENT_NOT_FOR_PARTY' END;
COMMENT ON FUNCTION cpts.content_refusal(text, boolean, boolean, boolean)
  IS 'Why a sealed part does not leave; NULL when it does. The one rule for offers, contents, notes and attachments.';

CREATE FUNCTION cpts.part_in_referral(origin_id uuid) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN cpts.scope_cpts() IS NULL THEN 'DESK'
              WHEN cpts.scope_cpts() = origin_id THEN 'ORIGIN'
              ELSE 'DESTINATION' END;
COMMENT ON FUNCTION cpts.part_in_referral(uuid)
  IS 'What the scope of this transaction is in a referral that row-level security shows it: ORIGIN, DESTINATION or DESK.';

ALTER TABLE cpts.referral_attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_attachment_all ON cpts.referral_attachment
  USING (current_setting('app.scope', true) NOT LIKE 'region:%'
         AND cpts.is_referral_of_mine(referral_id))
  WITH CHECK (current_setting('app.scope', true) = '*' OR author_id = cpts.scope_cpts());
ALTER TABLE cpts.referral_chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_chunk FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_chunk_all ON cpts.referral_chunk
  USING (current_setting('app.scope', true) NOT LIKE 'region:%'
         AND cpts.is_referral_of_mine(referral_id))
  WITH CHECK (current_setting('app.scope', true) NOT LIKE 'region:%'
              AND cpts.is_referral_of_mine(referral_id));

GRANT SELECT ON cpts.recipient_word TO cpts_app;
GRANT SELECT, INSERT, UPDATE (complete), DELETE ON cpts.referral_attachment TO cpts_app;
GRANT SELECT, INSERT, DELETE ON cpts.referral_chunk TO cpts_app;
GRANT EXECUTE ON FUNCTION cpts.scope_cpts(), cpts.scope_region(), cpts.part_in_referral(uuid),
  cpts.content_refusal(text, boolean, boolean, boolean) TO cpts_app;

COMMIT;
