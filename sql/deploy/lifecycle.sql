-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:lifecycle
-- What a CPTS shows and files on its way through the stages: identity,
-- documents (hash and reference, never content), milestones, filings, legal
-- clocks; on what evidence a stage was decided; and what the public may see.
-- Locks: ACCESS EXCLUSIVE on cpts, cpts_stage and principal_role while columns
-- and policies change: constant defaults, no table is rewritten.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

-- Rules that reference/load.sql fills.
CREATE TABLE cpts.clock_rule (
  kind       text NOT NULL,
  mission    text NOT NULL,
  valid_from date NOT NULL,
  valid_to   date NOT NULL DEFAULT 'infinity',
  months     int  NOT NULL,
  source     text NOT NULL,
  confidence text NOT NULL,
  CONSTRAINT clock_rule_key PRIMARY KEY (kind, mission, valid_from),
  CONSTRAINT clock_rule_valid CHECK (valid_from < valid_to),
  CONSTRAINT clock_rule_months_range CHECK (months BETWEEN 1 AND 120),
  CONSTRAINT clock_rule_confidence_known CHECK (confidence IN ('law', 'contract', 'published',
    'inferred', 'not_sourced'))
);
COMMENT ON TABLE cpts.clock_rule
  IS 'Legal clocks: how long each runs, in calendar months from the date that starts it. The rule in force on that date counts.';
COMMENT ON COLUMN cpts.clock_rule.kind IS 'Kind of clock, a code of proto/wire/dossier_kind.c.';
COMMENT ON COLUMN cpts.clock_rule.mission IS 'Mission of the ACI it is about, or empty.';
COMMENT ON COLUMN cpts.clock_rule.valid_from IS 'First date of a start that it applies to.';
COMMENT ON COLUMN cpts.clock_rule.valid_to IS 'First date of a start that it no longer applies to.';
COMMENT ON COLUMN cpts.clock_rule.months IS 'Calendar months; the last day of a shorter month.';
COMMENT ON COLUMN cpts.clock_rule.source IS 'Text or practice it comes from.';
COMMENT ON COLUMN cpts.clock_rule.confidence
  IS 'law, contract, published, inferred, or not_sourced (change it to your region''s practice).';

-- Who may read what. The scope public sees what is published, and nothing of
-- the tables whose policies ask may_read() alone.
UPDATE cpts.principal_role SET scope = 'public' WHERE role = 'PUBLIC';
ALTER TABLE cpts.principal_role
  DROP CONSTRAINT principal_role_scope_shape,
  ADD CONSTRAINT principal_role_scope_shape
    CHECK (scope ~ '^(\*|read|public|region:[0-9A-Z]{2,3}|cpts:[0-9a-f-]{36})$'),
  ADD CONSTRAINT principal_role_public_scope CHECK ((role = 'PUBLIC') = (scope = 'public'));
COMMENT ON COLUMN cpts.principal_role.scope
  IS 'What its commands may touch: * (all), region:<INSEE>, cpts:<uuid>, read (nothing), public (nothing, and it reads what is published only).';

CREATE OR REPLACE FUNCTION cpts.may_read() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.scope', true) NOT IN ('', 'public');
COMMENT ON FUNCTION cpts.may_read()
  IS 'A scope other than the public''s is set in this transaction. Registry facts are a directory that every such identity reads; without a scope nothing is seen.';

CREATE FUNCTION cpts.may_decide(lead_region text, cpts_id uuid, by_cpts boolean) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE current_setting('app.scope', true)
           WHEN '*' THEN true
           WHEN 'region:' || lead_region THEN true
           WHEN 'cpts:' || cpts_id::text THEN by_cpts
           ELSE false END;
COMMENT ON FUNCTION cpts.may_decide(text, uuid, boolean)
  IS 'As may_write(), except that a CPTS itself may only what by_cpts says: the rest is for its ARS.';

ALTER TABLE cpts.cpts
  ADD COLUMN published boolean NOT NULL DEFAULT false,
  ADD COLUMN publication_set boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN cpts.cpts.published
  IS 'The public may see it. By default since it entered LETTRE_INTENTION or beyond, as the DGOS atlas counts.';
COMMENT ON COLUMN cpts.cpts.publication_set IS 'Its ARS decided: stages no longer change published.';
UPDATE cpts.cpts c SET published = true
 WHERE EXISTS (SELECT FROM cpts.cpts_stage s
                WHERE s.cpts_id = c.cpts_id AND s.recorded_to = 'infinity'
                  AND s.stage IN ('LETTRE_INTENTION', 'PROJET_VALIDE', 'ACI_SIGNE'));

CREATE FUNCTION cpts.is_shown(cpts_id uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE COST 1000
AS $$
BEGIN
  RETURN current_setting('app.scope', true) = 'public'
     AND EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = is_shown.cpts_id AND c.published);
END
$$;
COMMENT ON FUNCTION cpts.is_shown(uuid)
  IS 'The public reads, and that CPTS is published. Asked by row, and only when may_read() says no: other scopes do not pay for it.';

ALTER POLICY cpts_read ON cpts.cpts
  USING (current_setting('app.scope', true) <> ''
         AND (published OR current_setting('app.scope', true) <> 'public'));
ALTER POLICY cpts_stage_read ON cpts.cpts_stage
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
ALTER POLICY cpts_stage_insert ON cpts.cpts_stage
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, stage IN ('EMERGENCE', 'ABANDONNE', 'DISSOUS')));
ALTER POLICY cpts_territory_read ON cpts.cpts_territory
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
ALTER POLICY cpts_population_read ON cpts.cpts_population
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));

-- On what a stage was decided.
CREATE DOMAIN cpts.stage_basis AS text
  CONSTRAINT cpts_stage_basis_known CHECK (VALUE IN ('HISTORY', 'DECISION', 'TACIT'));
COMMENT ON DOMAIN cpts.stage_basis
  IS 'HISTORY: told afterwards, evidence may be missing. DECISION: on the documents required. TACIT: by the ARS''s silence on a complete filing.';
ALTER TABLE cpts.cpts_stage
  ADD COLUMN basis cpts.stage_basis NOT NULL DEFAULT 'HISTORY',
  ADD COLUMN document_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN evidence text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN cpts.cpts_stage.basis IS 'On what it was recorded.';
COMMENT ON COLUMN cpts.cpts_stage.document_ids IS 'Documents (cpts_document) behind the decision.';
COMMENT ON COLUMN cpts.cpts_stage.evidence
  IS 'Kinds of those documents: what is required and not among them is missing.';

CREATE DOMAIN cpts.dossier_code AS text
  CONSTRAINT cpts_dossier_code_shape CHECK (VALUE ~ '^[A-Z][A-Z0-9_]{1,39}$');
COMMENT ON DOMAIN cpts.dossier_code IS 'A code of proto/wire/dossier_kind.c; by shape only, so that a replica takes what a newer owner decided.';

CREATE TABLE cpts.cpts_identity (
  cpts_id       uuid        NOT NULL,
  version       int         NOT NULL,
  legal_form    text        NOT NULL,
  statuts_on    date,
  rna           text        NOT NULL,
  siret         text        NOT NULL,
  nature        text        NOT NULL,
  origin        text        NOT NULL,
  ambition      text        NOT NULL,
  lead_region   text        COLLATE "C" NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date        NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz NOT NULL,
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_identity_key PRIMARY KEY (cpts_id, version, valid_from),
  CONSTRAINT cpts_identity_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_identity_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_identity_rna_shape CHECK (rna = '' OR rna ~ '^W[0-9]{9}$'),
  CONSTRAINT cpts_identity_siret_shape CHECK (siret = '' OR siret ~ '^[0-9]{14}$'),
  CONSTRAINT cpts_identity_codes_shape CHECK (
    concat_ws(',', legal_form, nature, origin, ambition) ~ '^[A-Z0-9_]{0,40}(,[A-Z0-9_]{0,40}){3}$')
);
COMMENT ON TABLE cpts.cpts_identity
  IS 'Administrative identity and typology of a CPTS, each row from valid_from until before valid_to. FINESS and site are in cpts.';
COMMENT ON COLUMN cpts.cpts_identity.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_identity.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_identity.legal_form IS 'Code of a legal form, or empty.';
COMMENT ON COLUMN cpts.cpts_identity.statuts_on IS 'Date of the statuts, or NULL.';
COMMENT ON COLUMN cpts.cpts_identity.rna IS 'Number in the répertoire national des associations, W and 9 digits, or empty.';
COMMENT ON COLUMN cpts.cpts_identity.siret IS 'SIRET, 14 digits, or empty.';
COMMENT ON COLUMN cpts.cpts_identity.nature IS 'RURAL, URBAIN, MIXTE or empty.';
COMMENT ON COLUMN cpts.cpts_identity.origin IS 'Code of who began the project, or empty.';
COMMENT ON COLUMN cpts.cpts_identity.ambition IS 'Code of the missions it aims at, or empty.';
COMMENT ON COLUMN cpts.cpts_identity.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_identity.valid_from IS 'First date on which it is so.';
COMMENT ON COLUMN cpts.cpts_identity.valid_to IS 'First date on which it is not; else infinity.';
COMMENT ON COLUMN cpts.cpts_identity.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_identity.recorded_to IS 'Until when; infinity while it does.';

CREATE TABLE cpts.cpts_document (
  cpts_id       uuid              NOT NULL,
  version       int               NOT NULL,
  document_id   uuid              NOT NULL,
  kind          cpts.dossier_code NOT NULL,
  title         text              NOT NULL,
  sha256        cpts.sha256       NOT NULL,
  reference     text              NOT NULL,
  lead_region   text              COLLATE "C" NOT NULL,
  valid_from    date              NOT NULL,
  valid_to      date              NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz       NOT NULL,
  recorded_to   timestamptz       NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_document_key PRIMARY KEY (cpts_id, document_id),
  CONSTRAINT cpts_document_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
  CONSTRAINT cpts_document_reference_length CHECK (char_length(reference) <= 500),
  CONSTRAINT cpts_document_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_document_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_document
  IS 'Documents of a CPTS: what they are, their hash and where they are kept. Their content is never here.';
COMMENT ON COLUMN cpts.cpts_document.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_document.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_document.document_id IS 'UUID, minted by the owner.';
COMMENT ON COLUMN cpts.cpts_document.kind IS 'What it is: a code of proto/wire/dossier_kind.c.';
COMMENT ON COLUMN cpts.cpts_document.title IS '1 to 200 characters.';
COMMENT ON COLUMN cpts.cpts_document.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN cpts.cpts_document.reference IS 'Reference or address of where it is kept, at most 500 characters.';
COMMENT ON COLUMN cpts.cpts_document.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_document.valid_from IS 'Date of the document.';
COMMENT ON COLUMN cpts.cpts_document.valid_to IS 'First date on which it no longer counts; else infinity.';
COMMENT ON COLUMN cpts.cpts_document.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_document.recorded_to IS 'Until when; infinity while it does.';

CREATE TABLE cpts.cpts_milestone (
  cpts_id       uuid              NOT NULL,
  version       int               NOT NULL,
  kind          cpts.dossier_code NOT NULL,
  note          text              NOT NULL,
  document_ids  uuid[]            NOT NULL,
  lead_region   text              COLLATE "C" NOT NULL,
  valid_from    date              NOT NULL,
  valid_to      date              NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz       NOT NULL,
  recorded_to   timestamptz       NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_milestone_key PRIMARY KEY (cpts_id, version, valid_from),
  CONSTRAINT cpts_milestone_note_length CHECK (char_length(note) <= 500),
  CONSTRAINT cpts_milestone_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_milestone_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_milestone IS 'What happened on the way: meetings, opinions, a renewal.';
COMMENT ON COLUMN cpts.cpts_milestone.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_milestone.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_milestone.kind IS 'What happened: a code of proto/wire/dossier_kind.c.';
COMMENT ON COLUMN cpts.cpts_milestone.note IS 'At most 500 characters, or empty.';
COMMENT ON COLUMN cpts.cpts_milestone.document_ids IS 'Documents (cpts_document) about it.';
COMMENT ON COLUMN cpts.cpts_milestone.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_milestone.valid_from IS 'Date on which it happened.';
COMMENT ON COLUMN cpts.cpts_milestone.valid_to IS 'First date on which it no longer counts; else infinity.';
COMMENT ON COLUMN cpts.cpts_milestone.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_milestone.recorded_to IS 'Until when; infinity while it does.';

CREATE DOMAIN cpts.filing_state AS text CONSTRAINT cpts_filing_state_known
  CHECK (VALUE IN ('DRAFT', 'FILED', 'COMPLETE', 'DECIDED', 'WITHDRAWN', 'CLOSED'));
COMMENT ON DOMAIN cpts.filing_state IS 'State of a filing: the last three are final.';

CREATE TABLE cpts.cpts_filing (
  cpts_id       uuid              NOT NULL,
  version       int               NOT NULL,
  filing_id     uuid              NOT NULL,
  target        cpts.stage_code   NOT NULL,
  state         cpts.filing_state NOT NULL,
  decision      text              NOT NULL DEFAULT '',
  document_ids  uuid[]            NOT NULL,
  lead_region   text              COLLATE "C" NOT NULL,
  valid_from    date              NOT NULL,
  valid_to      date              NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz       NOT NULL,
  recorded_to   timestamptz       NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_filing_key PRIMARY KEY (cpts_id, filing_id, version),
  CONSTRAINT cpts_filing_decision_known
    CHECK (decision IN ('', 'ACCEPTED', 'REFUSED', 'TACIT') AND (decision <> '') = (state = 'DECIDED')),
  CONSTRAINT cpts_filing_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_filing_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_filing
  IS 'Dossiers filed for a stage, a row a state. A state lasts until the filing''s next one begins: the believed row with the greatest valid_from (then version) counts.';
COMMENT ON COLUMN cpts.cpts_filing.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_filing.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_filing.filing_id IS 'UUID, minted by the owner.';
COMMENT ON COLUMN cpts.cpts_filing.target IS 'Stage that it asks for.';
COMMENT ON COLUMN cpts.cpts_filing.state IS 'State entered.';
COMMENT ON COLUMN cpts.cpts_filing.decision IS 'With DECIDED: ACCEPTED, REFUSED or TACIT; else empty.';
COMMENT ON COLUMN cpts.cpts_filing.document_ids IS 'Its documents (cpts_document), all of them.';
COMMENT ON COLUMN cpts.cpts_filing.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_filing.valid_from IS 'Date on which the state was entered.';
COMMENT ON COLUMN cpts.cpts_filing.valid_to IS 'First date on which it no longer holds by itself; else infinity.';
COMMENT ON COLUMN cpts.cpts_filing.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_filing.recorded_to IS 'Until when; infinity while it does.';

CREATE TABLE cpts.cpts_clock (
  cpts_id       uuid              NOT NULL,
  version       int               NOT NULL,
  clock_id      uuid              NOT NULL,
  kind          cpts.dossier_code NOT NULL,
  mission       text              NOT NULL,
  due_on        date              NOT NULL,
  raised_at     timestamptz       NOT NULL DEFAULT 'infinity',
  lead_region   text              COLLATE "C" NOT NULL,
  valid_from    date              NOT NULL,
  valid_to      date              NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz       NOT NULL,
  recorded_to   timestamptz       NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_clock_key PRIMARY KEY (cpts_id, version, clock_id),
  CONSTRAINT cpts_clock_mission_shape CHECK (mission ~ '^[a-z_]{0,40}$'),
  CONSTRAINT cpts_clock_valid CHECK (valid_from <= valid_to AND valid_from <= due_on),
  CONSTRAINT cpts_clock_recorded CHECK (recorded_from <= recorded_to)
);
CREATE INDEX cpts_clock_clock_id_idx ON cpts.cpts_clock (clock_id)
  WHERE recorded_to = 'infinity' AND valid_to = 'infinity';
CREATE INDEX cpts_clock_due_on_idx ON cpts.cpts_clock (due_on)
  WHERE recorded_to = 'infinity' AND valid_to = 'infinity' AND raised_at = 'infinity';
COMMENT ON TABLE cpts.cpts_clock
  IS 'Legal clocks of a CPTS: run from valid_from until what they wait for happens (valid_to), due on due_on. Raised by the server on that date, once; one that is recorded late is raised with its record.';
COMMENT ON COLUMN cpts.cpts_clock.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_clock.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_clock.clock_id IS 'UUIDv8 of the clock, whatever its row: its first bytes are the due date, so that clocks sort by it.';
COMMENT ON COLUMN cpts.cpts_clock.kind IS 'What it waits for: a code of proto/wire/dossier_kind.c.';
COMMENT ON COLUMN cpts.cpts_clock.mission IS 'Mission of the ACI that is meant, or empty.';
COMMENT ON COLUMN cpts.cpts_clock.due_on IS 'Date on which it is due, French time.';
COMMENT ON COLUMN cpts.cpts_clock.raised_at IS 'When the node told so; infinity before.';
COMMENT ON COLUMN cpts.cpts_clock.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_clock.valid_from IS 'Date that started it.';
COMMENT ON COLUMN cpts.cpts_clock.valid_to IS 'Date that stopped it; else infinity.';
COMMENT ON COLUMN cpts.cpts_clock.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_clock.recorded_to IS 'Until when; infinity while it does.';

-- Row-level security. Documents and drafts are for those who may change them;
-- the public sees the identity and the milestones of what is published.
ALTER TABLE cpts.cpts_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_identity_read ON cpts.cpts_identity FOR SELECT
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
CREATE POLICY cpts_identity_insert ON cpts.cpts_identity FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_identity_update ON cpts.cpts_identity FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_document FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_document_read ON cpts.cpts_document FOR SELECT
  USING (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_document_insert ON cpts.cpts_document FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_document_update ON cpts.cpts_document FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_milestone ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_milestone FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_milestone_read ON cpts.cpts_milestone FOR SELECT
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
CREATE POLICY cpts_milestone_insert ON cpts.cpts_milestone FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id,
    kind <> 'ACI_RENOUVELE'));
CREATE POLICY cpts_milestone_update ON cpts.cpts_milestone FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id,
    kind <> 'ACI_RENOUVELE'));

ALTER TABLE cpts.cpts_filing ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_filing FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_filing_read ON cpts.cpts_filing FOR SELECT
  USING (((SELECT cpts.may_read()) AND state <> 'DRAFT') OR cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_filing_insert ON cpts.cpts_filing FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id,
    state IN ('DRAFT', 'FILED', 'WITHDRAWN', 'CLOSED')));
CREATE POLICY cpts_filing_update ON cpts.cpts_filing FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, false));

ALTER TABLE cpts.cpts_clock ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_clock FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_clock_read ON cpts.cpts_clock FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_clock_insert ON cpts.cpts_clock FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_clock_update ON cpts.cpts_clock FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

GRANT SELECT ON cpts.clock_rule TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_identity TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_identity TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_document TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_document TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_milestone TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_milestone TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_filing TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_filing TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_clock TO cpts_app;
GRANT UPDATE (recorded_to, raised_at) ON cpts.cpts_clock TO cpts_app;

COMMIT;
