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
  logged        boolean     NOT NULL DEFAULT false,
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT referral_attachment_key PRIMARY KEY (referral_id, attachment_id),
  CONSTRAINT referral_attachment_size CHECK (byte_count BETWEEN 1 AND 10500000),
  CONSTRAINT referral_attachment_chunks CHECK (chunk_count = (byte_count + 524287) / 524288),
  CONSTRAINT referral_attachment_logged CHECK (complete OR NOT logged)
);
CREATE INDEX referral_attachment_attachment_id_idx ON cpts.referral_attachment (attachment_id);
COMMENT ON TABLE cpts.referral_attachment
  IS 'Sealed attachments. Their keys and names are in the sealed content or note that mentions them. Deleted to erase them.';
COMMENT ON COLUMN cpts.referral_attachment.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_attachment.attachment_id IS 'UUIDv7 minted by whoever adds it.';
COMMENT ON COLUMN cpts.referral_attachment.author_id IS 'CPTS that adds it.';
COMMENT ON COLUMN cpts.referral_attachment.byte_count IS 'Bytes of ciphertext.';
COMMENT ON COLUMN cpts.referral_attachment.sha256 IS 'SHA-256 of the ciphertext.';
COMMENT ON COLUMN cpts.referral_attachment.chunk_count IS 'Chunks of 524,288 bytes, the last one the rest.';
COMMENT ON COLUMN cpts.referral_attachment.complete IS 'All chunks are there and their hash is right.';
COMMENT ON COLUMN cpts.referral_attachment.logged IS 'The log says that it is complete: it goes to other nodes.';
COMMENT ON COLUMN cpts.referral_attachment.recorded_at IS 'When its first chunk came.';
CREATE INDEX referral_attachment_author_id_idx ON cpts.referral_attachment (author_id)
  WHERE NOT complete;
CREATE INDEX referral_attachment_referral_id_idx ON cpts.referral_attachment (referral_id)
  WHERE complete AND NOT logged;

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

-- Names as in enum referral_column and enum attempt_column, in their order, then the clock.
CREATE FUNCTION cpts.worklist_rows(of_referral uuid) RETURNS TABLE (
    referral_id uuid, version int, status text, use_case text, urgency text, profession text,
    speciality text, unit_code text, origin_id uuid, origin_name text, origin_region text,
    custodian_id uuid, unroutable boolean, entered_in_error boolean, consent_withdrawn boolean,
    erased boolean, synthetic boolean, created_us bigint, updated_us bigint, reason text,
    proposed_id uuid, requester_finess text, legal_basis text, consent text, pathway_id uuid,
    pathway_step text, overdue int, to_rewrap boolean,
    assignment_id uuid, destination_id uuid, destination_name text, attempt_version int, state text,
    attempt_overdue int, no_show_count int, hop int, attempt_reason text, scheduled_us bigint,
    submitted_us bigint, state_us bigint, attempt_in_error boolean, dispute_count int,
    attempt_to_rewrap boolean, clock_of uuid, clock_kind text, clock_us bigint, clock_level int)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT r.referral_id, r.version, r.status, r.use_case, r.urgency, r.profession, r.speciality,
         r.unit_code, r.origin_id, o.name, r.origin_region, r.custodian_id, r.unroutable,
         r.entered_in_error, r.consent_withdrawn, r.erased, r.synthetic,
         cpts.unix_us(r.created_at), cpts.unix_us(r.updated_at), r.reason, r.proposed_id,
         r.requester_finess, r.legal_basis, NULL::text, r.pathway_id, r.pathway_step, r.overdue,
         r.to_rewrap, a.assignment_id, a.destination_id, d.name, a.version, a.state, a.overdue,
         a.no_show_count, a.hop, a.reason, cpts.unix_us(a.scheduled_for),
         cpts.unix_us(a.submitted_at), cpts.unix_us(a.state_at), a.entered_in_error,
         a.dispute_count, a.to_rewrap, nullif(k.assignment_id, cpts.no_assignment()), k.kind,
         cpts.unix_us(k.fire_at), k.level
    FROM cpts.referral r
    LEFT JOIN cpts.assignment a ON a.referral_id = r.referral_id AND a.ended_at IS NULL
         AND (a.destination_id = cpts.scope_cpts()
              OR cpts.part_in_referral(r.origin_id) <> 'DESTINATION')
    LEFT JOIN cpts.cpts o ON o.cpts_id = r.origin_id
    LEFT JOIN cpts.cpts d ON d.cpts_id = a.destination_id
    LEFT JOIN LATERAL (
      SELECT c.assignment_id, c.kind, c.fire_at, c.level
        FROM cpts.referral_clock c
       WHERE c.referral_id = r.referral_id
         AND (c.assignment_id = a.assignment_id
              OR cpts.part_in_referral(r.origin_id) <> 'DESTINATION')
       ORDER BY c.fire_at LIMIT 1) k ON true
   WHERE r.referral_id = of_referral;
END;
COMMENT ON FUNCTION cpts.worklist_rows(uuid)
  IS 'A referral as worklists show it: a row for each attempt that is active and that the scope of this transaction may see, or one without, with the clock that fires next. What row-level security hides is not there.';

CREATE FUNCTION cpts.sealed_parts(of_referral uuid, wants_offer boolean, wants_content boolean,
    OUT offer bytea, OUT content bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  me uuid := cpts.scope_cpts();
  r  record;
BEGIN
  SELECT f.erased, f.consent_withdrawn, f.custodian_id, cpts.part_in_referral(f.origin_id) AS part,
         EXISTS (SELECT FROM cpts.assignment a
                  WHERE a.referral_id = f.referral_id AND a.destination_id = me
                    AND a.ended_at IS NULL) AS is_asked
    INTO r
    FROM cpts.referral f
   WHERE f.referral_id = of_referral AND cpts.takes_part(f.parties, f.origin_region);
  SELECT CASE WHEN wants_offer
                   AND cpts.content_refusal(r.part, r.erased, r.consent_withdrawn,
                         r.part = 'ORIGIN' OR r.is_asked) IS NULL THEN p.offer END,
         CASE WHEN wants_content
                   AND cpts.content_refusal(r.part, r.erased, r.consent_withdrawn,
                         r.part = 'ORIGIN' OR r.custodian_id = me) IS NULL THEN p.content END
    INTO offer, content
    FROM cpts.referral_content p WHERE p.referral_id = of_referral;
END
$$;
COMMENT ON FUNCTION cpts.sealed_parts(uuid, boolean, boolean)
  IS 'The sealed parts of a referral that the scope of this transaction may have: the offer for its origin and whoever is being asked, the content for its origin and its custodian; NULL for anybody else, and for nobody of the desk. SECURITY DEFINER: cpts_app reads the table in no other way.';

CREATE FUNCTION cpts.sealed_parts_erase(of_referral uuid) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cpts.referral r
                  WHERE r.referral_id = of_referral AND r.ended_at IS NOT NULL
                    AND (current_setting('app.scope', true) = '*'
                         OR r.origin_id = cpts.scope_cpts()
                         OR EXISTS (SELECT FROM cpts.assignment a
                                     WHERE a.referral_id = of_referral AND a.state = 'CLOSED'
                                       AND a.destination_id = cpts.scope_cpts()))) THEN
    RAISE insufficient_privilege
      USING MESSAGE = 'the sealed parts of an open referral, or of somebody else''s, stay';
  END IF;
  DELETE FROM cpts.referral_content p WHERE p.referral_id = of_referral;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION cpts.sealed_parts_erase(uuid)
  IS 'Destroys the sealed parts of a referral that is over, for its origin, the CPTS that closed it, or the node itself; for anybody else an error, as the statement that calls it has judged before. False: there were none. SECURITY DEFINER: cpts_app deletes from the table in no other way.';

CREATE FUNCTION cpts.attachment_is_elsewhere(referral uuid, attachment uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
RETURN EXISTS (SELECT FROM cpts.referral_attachment m
                WHERE m.attachment_id = attachment AND m.referral_id <> referral);
COMMENT ON FUNCTION cpts.attachment_is_elsewhere(uuid, uuid)
  IS 'Whether another referral has an attachment of that id: an attachment is an aggregate of the log by its id. SECURITY DEFINER: the caller may not see that referral.';

CREATE FUNCTION cpts.attachment_obstacle(referral uuid, attachment uuid, size int, hash bytea,
    chunks int, most int, open_most int, node text) RETURNS text
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  r     record;
  known record;
BEGIN
  SELECT f.origin_id, f.custodian_id, f.erased, f.consent_withdrawn, f.ended_at, f.owner_node,
         cpts.part_in_referral(f.origin_id) AS part
    INTO r FROM cpts.referral f WHERE f.referral_id = referral FOR UPDATE;
  IF cpts.content_refusal(r.part, r.erased, r.consent_withdrawn,
       r.part = 'ORIGIN' OR r.custodian_id = cpts.scope_cpts()) IS NOT NULL THEN
    RETURN cpts.content_refusal(r.part, r.erased, r.consent_withdrawn,
             r.part = 'ORIGIN' OR r.custodian_id = cpts.scope_cpts());
  ELSIF r.owner_node <> node THEN
    RETURN 'NOT_OWNER ' || cpts.node_and_address(r.owner_node);
  END IF;
  SELECT m.byte_count, m.sha256, m.chunk_count, m.author_id INTO known
    FROM cpts.referral_attachment m
   WHERE m.referral_id = referral AND m.attachment_id = attachment;
  IF FOUND THEN
    RETURN CASE WHEN known.byte_count <> size OR known.sha256 <> hash
                  OR known.chunk_count <> chunks OR known.author_id <> cpts.scope_cpts()
                THEN 'ATTACHMENT_DIFFERS'
                WHEN r.ended_at IS NOT NULL THEN 'REFERRAL_IS_OVER' END;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('attachments of ' || cpts.scope_cpts()::text, 0));
  PERFORM pg_advisory_xact_lock(hashtextextended('attachment ' || attachment::text, 0));
  RETURN CASE WHEN cpts.attachment_is_elsewhere(referral, attachment) THEN 'ATTACHMENT_DIFFERS'
              WHEN r.ended_at IS NOT NULL THEN 'REFERRAL_IS_OVER'
              WHEN (SELECT count(*) FROM cpts.referral_attachment m
                     WHERE m.referral_id = referral) >= most THEN 'TOO_MANY_ATTACHMENTS'
              WHEN (SELECT count(*) FROM cpts.referral_attachment m
                     WHERE m.author_id = cpts.scope_cpts() AND NOT m.complete
                       AND m.recorded_at > now() - interval '7 days') >= open_most
              THEN 'TOO_MANY_OPEN_UPLOADS' END;
END
$$;
COMMENT ON FUNCTION cpts.attachment_obstacle(uuid, uuid, int, bytea, int, int, int, text)
  IS 'Why a chunk of that attachment is not taken, with NOT_OWNER a blank and by whom it is; NULL when it is taken. Holds the referral, and what the CPTS has begun, until the transaction ends: chunks of one referral come one by one. What was not finished in seven days does not count against the CPTS.';

CREATE FUNCTION cpts.attachment_put(referral uuid, attachment uuid, size int, hash bytea,
    chunks int, place int, piece bytea, most int, open_most int, node text,
    OUT outcome text, OUT stored int, OUT complete boolean, OUT detail text)
  LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
  before bytea;
  whole  bytea;
BEGIN
  complete := false;
  outcome := coalesce(cpts.attachment_obstacle(referral, attachment, size, hash, chunks, most,
                                               open_most, node), 'OK');
  detail := substr(outcome, strpos(outcome || ' ', ' ') + 1);
  outcome := split_part(outcome, ' ', 1);
  SELECT c.chunk INTO before FROM cpts.referral_chunk c
   WHERE c.referral_id = referral AND c.attachment_id = attachment AND c.chunk_index = place;
  IF outcome = 'OK' AND before <> piece THEN
    outcome := 'ATTACHMENT_DIFFERS';
  END IF;
  IF outcome <> 'OK' THEN
    RETURN;
  END IF;
  INSERT INTO cpts.referral_attachment (referral_id, attachment_id, author_id, byte_count, sha256,
      chunk_count, complete, recorded_at)
    VALUES (referral, attachment, cpts.scope_cpts(), size, hash, chunks, false, clock_timestamp())
    ON CONFLICT DO NOTHING;
  INSERT INTO cpts.referral_chunk (referral_id, attachment_id, chunk_index, chunk)
    VALUES (referral, attachment, place, piece) ON CONFLICT DO NOTHING;
  SELECT count(*) INTO stored FROM cpts.referral_chunk c
   WHERE c.referral_id = referral AND c.attachment_id = attachment;
  IF stored < chunks THEN
    RETURN;
  END IF;
  SELECT string_agg(c.chunk, ''::bytea ORDER BY c.chunk_index) INTO whole
    FROM cpts.referral_chunk c WHERE c.referral_id = referral AND c.attachment_id = attachment;
  IF sha256(whole) = hash THEN
    complete := true;
    UPDATE cpts.referral_attachment m SET complete = true
     WHERE m.referral_id = referral AND m.attachment_id = attachment AND NOT m.complete;
    RETURN;
  END IF;
  outcome := 'ATTACHMENT_HASH_MISMATCH';
  DELETE FROM cpts.referral_chunk c
   WHERE c.referral_id = referral AND c.attachment_id = attachment;
  DELETE FROM cpts.referral_attachment m
   WHERE m.referral_id = referral AND m.attachment_id = attachment;
END
$$;
COMMENT ON FUNCTION cpts.attachment_put(uuid, uuid, int, bytea, int, int, bytea, int, int, text)
  IS 'Stores a chunk, and compares the whole with its hash when it was the last one: what is not as said is dropped. A chunk that is there already is never replaced.';

CREATE FUNCTION cpts.leftover_purge(at timestamptz, upload_days int, act_years int, row_max int,
    OUT uploads int, OUT acts int)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  uploads := 0;
  acts := 0;
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RETURN;
  END IF;
  WITH begun AS MATERIALIZED (
    SELECT m.referral_id, m.attachment_id FROM cpts.referral_attachment m
     WHERE NOT m.complete AND m.recorded_at < at - make_interval(days => upload_days)
     LIMIT row_max FOR UPDATE SKIP LOCKED
  ), chunks AS (
    DELETE FROM cpts.referral_chunk c USING begun b
     WHERE c.referral_id = b.referral_id AND c.attachment_id = b.attachment_id
  ), gone AS (
    DELETE FROM cpts.referral_attachment m USING begun b
     WHERE m.referral_id = b.referral_id AND m.attachment_id = b.attachment_id
    RETURNING m.attachment_id
  )
  SELECT count(*) INTO uploads FROM gone;
  WITH over AS MATERIALIZED (
    SELECT p.parked_id FROM cpts.parked_act p
     WHERE p.resolved_at < at - make_interval(years => act_years)
        OR EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = p.referral_id AND r.erased)
     LIMIT row_max FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM cpts.parked_act p USING over o WHERE p.parked_id = o.parked_id
    RETURNING p.parked_id
  )
  SELECT count(*) INTO acts FROM gone;
END
$$;
COMMENT ON FUNCTION cpts.leftover_purge(timestamptz, int, int, int)
  IS 'Deletes uploads that were begun so many days before and are not whole, and parked acts that were resolved so many years before or whose referral is destroyed; an act that waits for somebody stays. For scope * only, at most so many of each; says how many. SECURITY DEFINER: cpts_app may not delete parked acts.';
REVOKE EXECUTE ON FUNCTION cpts.leftover_purge(timestamptz, int, int, int) FROM PUBLIC;

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

REVOKE EXECUTE ON FUNCTION cpts.sealed_parts(uuid, boolean, boolean),
  cpts.sealed_parts_erase(uuid), cpts.attachment_is_elsewhere(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sealed_parts(uuid, boolean, boolean),
  cpts.sealed_parts_erase(uuid), cpts.attachment_is_elsewhere(uuid, uuid),
  cpts.worklist_rows(uuid) TO cpts_app;
GRANT SELECT ON cpts.recipient_word TO cpts_app;
GRANT SELECT, INSERT, UPDATE (complete), DELETE ON cpts.referral_attachment TO cpts_app;
GRANT SELECT, INSERT, DELETE ON cpts.referral_chunk TO cpts_app;
GRANT EXECUTE ON FUNCTION
  cpts.attachment_obstacle(uuid, uuid, int, bytea, int, int, int, text),
  cpts.attachment_put(uuid, uuid, int, bytea, int, int, bytea, int, int, text) TO cpts_app;
GRANT EXECUTE ON FUNCTION cpts.leftover_purge(timestamptz, int, int, int) TO cpts_app;
GRANT EXECUTE ON FUNCTION cpts.scope_cpts(), cpts.scope_region(), cpts.part_in_referral(uuid),
  cpts.content_refusal(text, boolean, boolean, boolean) TO cpts_app;

COMMIT;
