-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral
-- Referrals between CPTS, their assignments, sealed parts and armed clocks. One aggregate a
-- referral: every change raises its version by one and appends one entry to the log. What may
-- follow what is proto/wire/referral_step.c; statements get it as parameters. The key of the
-- aggregate leads every key.
-- Locks: new tables; change_log for its policies, for a moment.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE DOMAIN cpts.assignment_state AS text
  CONSTRAINT assignment_state_known CHECK (VALUE IN ('SUBMITTED', 'DELIVERED', 'INFO_REQUESTED',
    'ACCEPTED', 'SCHEDULED', 'IN_PROGRESS', 'CANCEL_REQUESTED', 'REPORTED', 'CLOSED', 'DECLINED',
    'REDIRECTED', 'WITHDRAWN', 'CANCELLED', 'FAILED', 'ENTERED_IN_ERROR'));
COMMENT ON DOMAIN cpts.assignment_state
  IS 'State of an assignment (cpts.v1.AssignmentState); a draft never reaches a node.';
CREATE DOMAIN cpts.referral_status AS text
  CONSTRAINT referral_status_known CHECK (VALUE IN ('OPEN', 'TO_REASSIGN', 'FULFILLED',
    'ABANDONED'));
COMMENT ON DOMAIN cpts.referral_status IS 'Status of a referral (cpts.v1.ReferralStatus).';
CREATE DOMAIN cpts.referral_use_case AS text
  CONSTRAINT referral_use_case_known CHECK (VALUE IN ('SNP', 'MEDECIN_TRAITANT', 'PARCOURS'));
COMMENT ON DOMAIN cpts.referral_use_case IS 'What a referral is for (cpts.v1.UseCase).';
CREATE DOMAIN cpts.referral_urgency AS text
  CONSTRAINT referral_urgency_known CHECK (VALUE IN ('WITHIN_24H', 'PRIORITY', 'ROUTINE'));
COMMENT ON DOMAIN cpts.referral_urgency
  IS 'How soon (cpts.v1.Urgency); what is vital is never recorded.';
CREATE DOMAIN cpts.referral_clock_kind AS text
  CONSTRAINT referral_clock_kind_known CHECK (VALUE IN ('DELIVER', 'DECIDE', 'ANSWER', 'SCHEDULE',
    'REBOOK', 'REPORT', 'ACKNOWLEDGE', 'CANCEL', 'REASSIGN', 'WIDEN'));
COMMENT ON DOMAIN cpts.referral_clock_kind IS 'What a clock waits for (cpts.v1.ReferralClockKind).';
CREATE DOMAIN cpts.overdue_level AS int
  CONSTRAINT referral_overdue_range CHECK (VALUE BETWEEN 0 AND 3);
COMMENT ON DOMAIN cpts.overdue_level IS 'How far a clock has run over, 0 to 3.';
CREATE DOMAIN cpts.legal_basis AS text
  CONSTRAINT referral_legal_basis_known CHECK (VALUE IN ('ECHANGE', 'PARTAGE'));
COMMENT ON DOMAIN cpts.legal_basis IS 'Ground on which content is shown (cpts.v1.LegalBasis).';
CREATE DOMAIN cpts.hop_count AS int CONSTRAINT referral_hops CHECK (VALUE BETWEEN 0 AND 4);
COMMENT ON DOMAIN cpts.hop_count IS 'Redirects, 0 to 4.';
CREATE DOMAIN cpts.key_wrap AS bytea
  CONSTRAINT assignment_wrap_size CHECK (octet_length(VALUE) <= 1024);
COMMENT ON DOMAIN cpts.key_wrap IS 'A packed cpts.v1.KeyWrap.';
CREATE DOMAIN cpts.sealed_offer AS bytea
  CONSTRAINT referral_offer_size CHECK (octet_length(VALUE) BETWEEN 1 AND 65536);
COMMENT ON DOMAIN cpts.sealed_offer IS 'Ciphertext of an offer.';
CREATE DOMAIN cpts.sealed_content AS bytea
  CONSTRAINT referral_content_size CHECK (octet_length(VALUE) BETWEEN 1 AND 262144);
COMMENT ON DOMAIN cpts.sealed_content IS 'Ciphertext of a content.';
CREATE DOMAIN cpts.ed25519_signature AS bytea
  CONSTRAINT ed25519_signature_length CHECK (octet_length(VALUE) = 64);
COMMENT ON DOMAIN cpts.ed25519_signature IS 'An Ed25519 signature, 64 bytes.';

CREATE FUNCTION cpts.takes_part(parties uuid[], origin_region text) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_setting('app.scope', true) = '*' THEN true
              WHEN current_setting('app.scope', true) LIKE 'cpts:%'
              THEN substr(current_setting('app.scope', true), 6)::uuid = ANY (parties)
              WHEN current_setting('app.scope', true) LIKE 'region:%'
              THEN substr(current_setting('app.scope', true), 8) = origin_region
              ELSE false END;
COMMENT ON FUNCTION cpts.takes_part(uuid[], text)
  IS 'The scope of this transaction is one of these CPTS, or the ARS of the origin''s lead region (Code de la santé publique, L. 1110-4: belonging to a CPTS opens nothing). * is the node itself.';

-- A CHECK of a table is read and planned anew by every statement that writes a row: rules about one
-- value are domains, the others one call each of a function whose plan is kept.
CREATE FUNCTION cpts.is_referral_sound(status text, custodian_id uuid, ended_at timestamptz,
    legal_basis text, consent bytea, erased boolean, pathway_id uuid, pathway_step text)
  RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN (custodian_id IS NULL) = (status IN ('FULFILLED', 'ABANDONED'))
     AND (ended_at IS NULL) = (custodian_id IS NOT NULL)
     AND (legal_basis <> 'PARTAGE' OR consent IS NOT NULL OR erased)
     AND (pathway_id IS NULL) = (pathway_step = '');
END
$$;
COMMENT ON FUNCTION cpts.is_referral_sound(text, uuid, timestamptz, text, bytea, boolean, uuid, text)
  IS 'While it is open there is exactly one custodian, and only then; it has ended otherwise. A partage has its consent until it is erased, a step its pathway.';
CREATE FUNCTION cpts.is_assignment_sound(state text, ended_at timestamptz) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN (ended_at IS NOT NULL) = (state IN ('CLOSED', 'DECLINED', 'REDIRECTED', 'WITHDRAWN',
                                             'CANCELLED', 'FAILED', 'ENTERED_IN_ERROR'));
END
$$;
COMMENT ON FUNCTION cpts.is_assignment_sound(text, timestamptz)
  IS 'It has ended exactly when its state is terminal.';

CREATE TABLE cpts.referral (
  referral_id       uuid                   NOT NULL,
  owner_node        text                   NOT NULL,
  epoch             cpts.epoch_number      NOT NULL,
  version           cpts.version_number    NOT NULL,
  status            cpts.referral_status   NOT NULL,
  use_case          cpts.referral_use_case NOT NULL,
  urgency           cpts.referral_urgency  NOT NULL,
  profession        text                   NOT NULL DEFAULT '',
  speciality        text                   NOT NULL DEFAULT '',
  unit_code         text                   COLLATE "C" NOT NULL,
  origin_id         uuid                   NOT NULL,
  origin_region     text                   COLLATE "C" NOT NULL,
  custodian_id      uuid,
  parties           uuid[]                 NOT NULL,
  visited           uuid[]                 NOT NULL DEFAULT '{}',
  hop_count         cpts.hop_count         NOT NULL DEFAULT 0,
  proposed_id       uuid,
  requester_finess  cpts.finess_number     NOT NULL DEFAULT '',
  legal_basis       cpts.legal_basis       NOT NULL,
  consent           bytea,
  later_consent     bytea,
  consent_withdrawn boolean                NOT NULL DEFAULT false,
  pathway_id        uuid,
  pathway_step      text                   NOT NULL DEFAULT '',
  key_serial        int                    NOT NULL,
  signature         cpts.ed25519_signature NOT NULL,
  wrap              cpts.key_wrap,
  wrapped_at        timestamptz,
  to_rewrap         boolean                NOT NULL DEFAULT false,
  offer_hash        cpts.sha256            NOT NULL,
  content_hash      cpts.sha256            NOT NULL,
  overdue           cpts.overdue_level     NOT NULL DEFAULT 0,
  unroutable        boolean                NOT NULL DEFAULT false,
  entered_in_error  boolean                NOT NULL DEFAULT false,
  erased            boolean                NOT NULL DEFAULT false,
  synthetic         boolean                NOT NULL,
  reason            text                   NOT NULL DEFAULT '',
  created_at        timestamptz            NOT NULL,
  updated_at        timestamptz            NOT NULL,
  ended_at          timestamptz,
  CONSTRAINT referral_key PRIMARY KEY (referral_id),
  CONSTRAINT referral_sound CHECK (cpts.is_referral_sound(status, custodian_id, ended_at,
    legal_basis, consent, erased, pathway_id, pathway_step))
) WITH (fillfactor = 80);
COMMENT ON TABLE cpts.referral
  IS 'One row a referral: the order as submitted, and where it stands. Nothing in it names the patient.';
COMMENT ON COLUMN cpts.referral.referral_id IS 'UUIDv7 minted by the origin''s client, because it is signed.';
COMMENT ON COLUMN cpts.referral.owner_node IS 'The one node whose commands may change it.';
COMMENT ON COLUMN cpts.referral.epoch IS 'Epoch of the ownership, from 1.';
COMMENT ON COLUMN cpts.referral.version IS '1 at submit, +1 at each step of it or of an assignment.';
COMMENT ON COLUMN cpts.referral.status IS 'OPEN, TO_REASSIGN, FULFILLED or ABANDONED.';
COMMENT ON COLUMN cpts.referral.use_case IS 'SNP, MEDECIN_TRAITANT or PARCOURS.';
COMMENT ON COLUMN cpts.referral.urgency IS 'WITHIN_24H, PRIORITY or ROUTINE.';
COMMENT ON COLUMN cpts.referral.profession IS 'Code of the profession wanted, or empty.';
COMMENT ON COLUMN cpts.referral.speciality IS 'Code of the speciality wanted, or empty.';
COMMENT ON COLUMN cpts.referral.unit_code IS 'INSEE code of the commune of the need.';
COMMENT ON COLUMN cpts.referral.origin_id IS 'CPTS that refers.';
COMMENT ON COLUMN cpts.referral.origin_region IS 'Lead region of the origin when submitted: its ARS is the desk.';
COMMENT ON COLUMN cpts.referral.custodian_id IS 'CPTS that is answerable for it; NULL once it is over.';
COMMENT ON COLUMN cpts.referral.parties IS 'The origin and every CPTS that was asked: those who take part.';
COMMENT ON COLUMN cpts.referral.visited IS 'CPTS that declined, redirected or failed: never asked again.';
COMMENT ON COLUMN cpts.referral.hop_count IS 'Redirects so far, 0 to 4.';
COMMENT ON COLUMN cpts.referral.proposed_id IS 'CPTS proposed by a redirect, not sealed for yet.';
COMMENT ON COLUMN cpts.referral.requester_finess IS 'FINESS number of the establishment that asks through the desk of its CPTS, or empty.';
COMMENT ON COLUMN cpts.referral.legal_basis IS 'ECHANGE or PARTAGE (Code de la santé publique, L. 1110-4).';
COMMENT ON COLUMN cpts.referral.consent IS 'cpts.v1.Consent as submitted; NULL for an échange. The origin''s signature covers it: it never changes.';
COMMENT ON COLUMN cpts.referral.later_consent IS 'The last cpts.v1.Consent recorded afterwards, which nobody signed; NULL: none.';
COMMENT ON COLUMN cpts.referral.consent_withdrawn IS 'Content is opened no more.';
COMMENT ON COLUMN cpts.referral.pathway_id IS 'Pathway it belongs to.';
COMMENT ON COLUMN cpts.referral.pathway_step IS 'Code of that pathway''s step, or empty.';
COMMENT ON COLUMN cpts.referral.key_serial IS 'Serial of the origin''s key statement that signed.';
COMMENT ON COLUMN cpts.referral.signature IS 'The origin''s signature over ids, header and hashes.';
COMMENT ON COLUMN cpts.referral.wrap IS 'cpts.v1.KeyWrap sealed for the origin since, which cannot open it otherwise: it took that place by a merge, or lost its key. With to_rewrap for the origin before. NULL: none, or erased.';
COMMENT ON COLUMN cpts.referral.wrapped_at IS 'When that wrap was made.';
COMMENT ON COLUMN cpts.referral.to_rewrap IS 'The origin took that place by a merge, and nobody has sealed for it yet.';
COMMENT ON COLUMN cpts.referral.offer_hash IS 'SHA-256 of the offer''s ciphertext.';
COMMENT ON COLUMN cpts.referral.content_hash IS 'SHA-256 of the content''s ciphertext.';
COMMENT ON COLUMN cpts.referral.overdue IS 'How far the referral''s own clock (REASSIGN) has run over.';
COMMENT ON COLUMN cpts.referral.unroutable IS 'No CPTS was found that may receive it: counted at its commune.';
COMMENT ON COLUMN cpts.referral.entered_in_error IS 'Recorded by mistake: kept, out of the counts.';
COMMENT ON COLUMN cpts.referral.erased IS 'Its sealed parts were destroyed; this row is the tombstone.';
COMMENT ON COLUMN cpts.referral.synthetic IS 'Of a demonstration CPTS; said wherever it is shown.';
COMMENT ON COLUMN cpts.referral.reason IS 'Code of the reason it was abandoned for, or empty.';
COMMENT ON COLUMN cpts.referral.created_at IS 'When it was submitted.';
COMMENT ON COLUMN cpts.referral.updated_at IS 'When it last changed.';
COMMENT ON COLUMN cpts.referral.ended_at IS 'When it was fulfilled or abandoned; NULL before.';

CREATE TABLE cpts.referral_content (
  referral_id uuid                NOT NULL,
  offer       cpts.sealed_offer   NOT NULL,
  content     cpts.sealed_content NOT NULL,
  CONSTRAINT referral_content_key PRIMARY KEY (referral_id)
);
-- Ciphertext does not shrink: nobody need try. Two parts of the least size class, 1 KiB each, are
-- kept in their row: there is nothing else in it that anybody reads without them.
ALTER TABLE cpts.referral_content ALTER COLUMN offer SET STORAGE EXTERNAL,
  ALTER COLUMN content SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
COMMENT ON TABLE cpts.referral_content
  IS 'The sealed parts, which no node can open. The row is deleted to erase them.';
COMMENT ON COLUMN cpts.referral_content.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_content.offer IS 'Ciphertext of what a destination needs to decide; names nobody.';
COMMENT ON COLUMN cpts.referral_content.content IS 'Ciphertext of identity and clinical content; leaves for the origin and the custodian only.';

CREATE TABLE cpts.assignment (
  referral_id      uuid                  NOT NULL,
  assignment_id    uuid                  NOT NULL,
  destination_id   uuid                  NOT NULL,
  version          cpts.version_number   NOT NULL,
  state            cpts.assignment_state NOT NULL,
  previous_state   text                  NOT NULL DEFAULT '',
  overdue          cpts.overdue_level    NOT NULL DEFAULT 0,
  no_show_count    int                   NOT NULL DEFAULT 0,
  dispute_count    int                   NOT NULL DEFAULT 0,
  info_count       int                   NOT NULL DEFAULT 0,
  info_asked_at    timestamptz,
  hop              cpts.hop_count        NOT NULL DEFAULT 0,
  reason           text                  NOT NULL DEFAULT '',
  scheduled_for    timestamptz,
  first_scheduled_at timestamptz,
  entered_in_error boolean               NOT NULL DEFAULT false,
  wrap             cpts.key_wrap,
  wrapped_at       timestamptz,
  to_rewrap        boolean               NOT NULL DEFAULT false,
  submitted_at     timestamptz           NOT NULL,
  state_at         timestamptz           NOT NULL,
  accepted_at      timestamptz,
  reported_at      timestamptz,
  ended_at         timestamptz,
  CONSTRAINT assignment_key PRIMARY KEY (referral_id, assignment_id),
  CONSTRAINT assignment_ended CHECK (cpts.is_assignment_sound(state, ended_at))
) WITH (fillfactor = 80);
COMMENT ON TABLE cpts.assignment IS 'One attempt with one destination CPTS.';
COMMENT ON COLUMN cpts.assignment.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.assignment.assignment_id IS 'UUIDv7 minted by whoever made the wrap.';
COMMENT ON COLUMN cpts.assignment.destination_id IS 'CPTS that is asked.';
COMMENT ON COLUMN cpts.assignment.version IS 'Version of the referral at this assignment''s last change.';
COMMENT ON COLUMN cpts.assignment.state IS 'State, as cpts.v1.AssignmentState.';
COMMENT ON COLUMN cpts.assignment.previous_state IS 'State before CANCEL_REQUESTED, or empty.';
COMMENT ON COLUMN cpts.assignment.overdue IS 'How far the clock of its state has run over.';
COMMENT ON COLUMN cpts.assignment.no_show_count IS 'How many times the patient did not come.';
COMMENT ON COLUMN cpts.assignment.dispute_count IS 'Times its report was contested, at most 1.';
COMMENT ON COLUMN cpts.assignment.info_count IS 'Questions asked; the decision clock pauses for the first one.';
COMMENT ON COLUMN cpts.assignment.info_asked_at IS 'When the open question was asked.';
COMMENT ON COLUMN cpts.assignment.hop IS 'Redirects before it, 0 to 4.';
COMMENT ON COLUMN cpts.assignment.reason IS 'Code of the reason it ended, or was reported without a report; or empty.';
COMMENT ON COLUMN cpts.assignment.scheduled_for IS 'When care is planned.';
COMMENT ON COLUMN cpts.assignment.first_scheduled_at IS 'When a date was set first: how far dates may move its clocks counts from then (cpts.referral_visit_limit).';
COMMENT ON COLUMN cpts.assignment.entered_in_error IS 'Said to be a mistake after it had ended.';
COMMENT ON COLUMN cpts.assignment.wrap IS 'cpts.v1.KeyWrap as sealed for the destination; NULL once erased.';
COMMENT ON COLUMN cpts.assignment.wrapped_at IS 'When it was sealed again, for the destination''s key of then; NULL: with the attempt.';
COMMENT ON COLUMN cpts.assignment.to_rewrap IS 'The destination took that place by a merge, and the wrap is for the CPTS that was there before.';
COMMENT ON COLUMN cpts.assignment.submitted_at IS 'When it was submitted.';
COMMENT ON COLUMN cpts.assignment.state_at IS 'When it entered its state.';
COMMENT ON COLUMN cpts.assignment.accepted_at IS 'When it was accepted; NULL before.';
COMMENT ON COLUMN cpts.assignment.reported_at IS 'When it was reported last; NULL before.';
COMMENT ON COLUMN cpts.assignment.ended_at IS 'When it entered a terminal state; NULL before.';

CREATE TABLE cpts.referral_candidate (
  referral_id    uuid  NOT NULL,
  rank           int   NOT NULL,
  assignment_id  uuid  NOT NULL,
  destination_id uuid  NOT NULL,
  wrap           cpts.key_wrap NOT NULL,
  CONSTRAINT referral_candidate_key PRIMARY KEY (referral_id, rank),
  CONSTRAINT referral_candidate_rank CHECK (rank BETWEEN 1 AND 10)
);
COMMENT ON TABLE cpts.referral_candidate
  IS 'CPTS to ask later, sealed for at submit: widening only activates them, and then the row becomes an assignment.';
COMMENT ON COLUMN cpts.referral_candidate.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_candidate.rank IS 'Order in which they are asked, from 1.';
COMMENT ON COLUMN cpts.referral_candidate.assignment_id IS 'Id that its assignment will have.';
COMMENT ON COLUMN cpts.referral_candidate.destination_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.referral_candidate.wrap IS 'cpts.v1.KeyWrap as sealed for it.';

CREATE TABLE cpts.referral_clock (
  referral_id   uuid                     NOT NULL,
  assignment_id uuid                     NOT NULL,
  kind          cpts.referral_clock_kind NOT NULL,
  fire_at       timestamptz              NOT NULL,
  level         cpts.overdue_level       NOT NULL DEFAULT 0,
  armed_at      timestamptz              NOT NULL,
  CONSTRAINT referral_clock_key PRIMARY KEY (referral_id, assignment_id, kind)
) WITH (fillfactor = 80);
CREATE INDEX referral_clock_fire_at_idx ON cpts.referral_clock (fire_at);
COMMENT ON TABLE cpts.referral_clock
  IS 'Armed clocks only; a clock that stops is deleted. Every open referral has one at least.';
COMMENT ON COLUMN cpts.referral_clock.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_clock.assignment_id IS 'Its assignment; all zeros for a clock of the referral itself.';
COMMENT ON COLUMN cpts.referral_clock.kind IS 'What it waits for.';
COMMENT ON COLUMN cpts.referral_clock.fire_at IS 'When it fires next, by the database''s clock.';
COMMENT ON COLUMN cpts.referral_clock.level IS 'Times it fired already, at most 3.';
COMMENT ON COLUMN cpts.referral_clock.armed_at IS 'When it was armed.';

CREATE TABLE cpts.referral_note (
  referral_id   uuid        NOT NULL,
  note_id       uuid        NOT NULL,
  assignment_id uuid        NOT NULL,
  event         text        NOT NULL,
  author_id     uuid        NOT NULL,
  note          bytea       NOT NULL,
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT referral_note_key PRIMARY KEY (referral_id, note_id),
  CONSTRAINT referral_note_size CHECK (octet_length(note) BETWEEN 1 AND 70000)
);
COMMENT ON TABLE cpts.referral_note
  IS 'Sealed texts that came with a step: questions, answers, reports. Deleted to erase them.';
COMMENT ON COLUMN cpts.referral_note.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.referral_note.note_id IS 'UUIDv7 minted by the author.';
COMMENT ON COLUMN cpts.referral_note.assignment_id IS 'The assignment it is about.';
COMMENT ON COLUMN cpts.referral_note.event IS 'Step it came with, as cpts.v1.ReferralEvent.';
COMMENT ON COLUMN cpts.referral_note.author_id IS 'CPTS that wrote it.';
COMMENT ON COLUMN cpts.referral_note.note IS 'cpts.v1.SealedNote as its author packed it.';
COMMENT ON COLUMN cpts.referral_note.recorded_at IS 'When this node recorded it.';

CREATE TABLE cpts.referral_reach (
  stage      cpts.stage_code        NOT NULL,
  use_case   cpts.referral_use_case NOT NULL,
  by_consent boolean                NOT NULL,
  CONSTRAINT referral_reach_key PRIMARY KEY (stage, use_case)
);
COMMENT ON TABLE cpts.referral_reach
  IS 'Which stages may receive which use case: ACI_SIGNE does, PROJET_VALIDE when it said so (cpts.referral_opt_in). Reference data.';
COMMENT ON COLUMN cpts.referral_reach.stage IS 'Stage of the destination.';
COMMENT ON COLUMN cpts.referral_reach.use_case IS 'What a referral is for.';
COMMENT ON COLUMN cpts.referral_reach.by_consent IS 'True: only a CPTS that opted in.';
INSERT INTO cpts.referral_reach (stage, use_case, by_consent)
  SELECT s.stage, u.use_case, s.stage = 'PROJET_VALIDE'
    FROM (VALUES ('ACI_SIGNE'), ('PROJET_VALIDE')) s (stage)
   CROSS JOIN (VALUES ('SNP'), ('MEDECIN_TRAITANT'), ('PARCOURS')) u (use_case);

CREATE TABLE cpts.referral_opt_in (
  cpts_id  uuid                   NOT NULL,
  use_case cpts.referral_use_case NOT NULL,
  since    timestamptz            NOT NULL,
  CONSTRAINT referral_opt_in_key PRIMARY KEY (cpts_id, use_case)
);
COMMENT ON TABLE cpts.referral_opt_in
  IS 'CPTS that chose to receive referrals before their contract is signed.';
COMMENT ON COLUMN cpts.referral_opt_in.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.referral_opt_in.use_case IS 'For what.';
COMMENT ON COLUMN cpts.referral_opt_in.since IS 'Since when.';

-- In plpgsql, whose plans are kept: a function in SQL with a subquery is planned at each call.
CREATE FUNCTION cpts.may_receive(destination uuid, wanted cpts.referral_use_case) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN coalesce((SELECT NOT r.by_consent
                          OR EXISTS (SELECT FROM cpts.referral_opt_in o
                                      WHERE o.cpts_id = destination AND o.use_case = wanted)
                     FROM cpts.referral_reach r
                    WHERE r.stage = (SELECT c.stage FROM cpts.cpts c WHERE c.cpts_id = destination)
                      AND r.use_case = wanted), false);
END
$$;
COMMENT ON FUNCTION cpts.may_receive(uuid, cpts.referral_use_case)
  IS 'That CPTS is at a stage that receives such referrals now.';

CREATE FUNCTION cpts.is_referral_of_mine(referral uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = referral);
END
$$;
COMMENT ON FUNCTION cpts.is_referral_of_mine(uuid)
  IS 'Row-level security shows that referral to this transaction.';

ALTER TABLE cpts.referral ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_read ON cpts.referral FOR SELECT
  USING (cpts.takes_part(parties, origin_region));
CREATE POLICY referral_insert ON cpts.referral FOR INSERT
  WITH CHECK (cpts.takes_part(parties, origin_region));
CREATE POLICY referral_update ON cpts.referral FOR UPDATE
  USING (cpts.takes_part(parties, origin_region));

ALTER TABLE cpts.referral_content ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_content FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_content_read ON cpts.referral_content FOR SELECT
  USING (current_setting('app.scope', true) NOT LIKE 'region:%'
         AND cpts.is_referral_of_mine(referral_id));
CREATE POLICY referral_content_insert ON cpts.referral_content FOR INSERT
  WITH CHECK (current_setting('app.scope', true) = '*'
              OR current_setting('app.scope', true) LIKE 'cpts:%');
CREATE POLICY referral_content_delete ON cpts.referral_content FOR DELETE
  USING (current_setting('app.scope', true) = '*' OR cpts.is_referral_of_mine(referral_id));

ALTER TABLE cpts.assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.assignment FORCE ROW LEVEL SECURITY;
-- The two policies that lists and feeds ask of every row look the referral up in place: a call of
-- is_referral_of_mine() costs four times as much. (SELECT true …) is a look by key for each row,
-- where EXISTS may become one scan of all referrals.
CREATE POLICY assignment_read ON cpts.assignment FOR SELECT
  USING (current_setting('app.scope', true) IN ('*', 'cpts:' || destination_id::text)
         OR (SELECT true FROM cpts.referral r WHERE r.referral_id = assignment.referral_id));
CREATE POLICY assignment_insert ON cpts.assignment FOR INSERT
  WITH CHECK (cpts.may_read());
CREATE POLICY assignment_update ON cpts.assignment FOR UPDATE
  USING (current_setting('app.scope', true) = 'cpts:' || destination_id::text
         OR cpts.is_referral_of_mine(referral_id));

ALTER TABLE cpts.referral_candidate ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_candidate FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_candidate_read ON cpts.referral_candidate FOR SELECT
  USING (cpts.is_referral_of_mine(referral_id));
CREATE POLICY referral_candidate_insert ON cpts.referral_candidate FOR INSERT
  WITH CHECK (cpts.may_read());
CREATE POLICY referral_candidate_delete ON cpts.referral_candidate FOR DELETE
  USING (cpts.is_referral_of_mine(referral_id));

ALTER TABLE cpts.referral_clock ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_clock FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_clock_all ON cpts.referral_clock
  USING (current_setting('app.scope', true) = '*'
         OR (SELECT true FROM cpts.referral r WHERE r.referral_id = referral_clock.referral_id))
  WITH CHECK (cpts.may_read());

ALTER TABLE cpts.referral_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_note FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_note_read ON cpts.referral_note FOR SELECT
  USING (current_setting('app.scope', true) NOT LIKE 'region:%'
         AND cpts.is_referral_of_mine(referral_id));
CREATE POLICY referral_note_insert ON cpts.referral_note FOR INSERT
  WITH CHECK (cpts.is_referral_of_mine(referral_id));
CREATE POLICY referral_note_delete ON cpts.referral_note FOR DELETE
  USING (cpts.is_referral_of_mine(referral_id));

ALTER TABLE cpts.referral_opt_in ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.referral_opt_in FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_opt_in_read ON cpts.referral_opt_in FOR SELECT USING (cpts.may_read());
CREATE POLICY referral_opt_in_write ON cpts.referral_opt_in
  USING (EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = referral_opt_in.cpts_id
                    AND cpts.may_write(c.lead_region, c.cpts_id)))
  WITH CHECK (EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = referral_opt_in.cpts_id
                         AND cpts.may_write(c.lead_region, c.cpts_id)));

DROP POLICY change_log_append ON cpts.change_log;
CREATE POLICY change_log_append ON cpts.change_log FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, aggregate_id)
              OR (aggregate_kind = 'REFERRAL' AND current_setting('app.scope', true) LIKE 'cpts:%'));
COMMENT ON COLUMN cpts.change_log.aggregate_kind IS 'CPTS, REFERRAL, ZONING, REFERENCE …: what aggregate_id is the id of.';

-- Steps are taken by functions that run as their owner (changes referral_act, referral_fire,
-- referral_ending). What is left to cpts_app itself is to read and, for EraseReferral, to destroy.
-- Sealed parts it has by functions only (change referral_reads).
GRANT SELECT, UPDATE (version, updated_at, erased, consent, later_consent, speciality, pathway_id,
  pathway_step, wrap) ON cpts.referral TO cpts_app;
GRANT SELECT, UPDATE (wrap) ON cpts.assignment TO cpts_app;
GRANT SELECT, DELETE ON cpts.referral_candidate TO cpts_app;
GRANT SELECT ON cpts.referral_clock TO cpts_app;
GRANT SELECT, DELETE ON cpts.referral_note TO cpts_app;
GRANT SELECT ON cpts.referral_reach TO cpts_app;
GRANT SELECT, INSERT, DELETE ON cpts.referral_opt_in TO cpts_app;
GRANT EXECUTE ON FUNCTION cpts.takes_part(uuid[], text),
  cpts.may_receive(uuid, cpts.referral_use_case), cpts.is_referral_of_mine(uuid) TO cpts_app;

COMMIT;
