-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:registry
-- CPTS, their stage history and their territory. The first key column is the
-- immutable cpts_id. Facts are bitemporal: valid_from / valid_to is when a fact
-- is true, recorded_from / recorded_to when this node believed it; a fact that
-- is no longer believed gets a recorded_to and stays. A replica stores what
-- the owner decided, so nothing here judges across aggregates.
-- Rules about one value are domains: a CHECK of a table is read and planned anew
-- by every statement that writes a row, a tenth of what a command costs.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.stage (
  code    text    NOT NULL,
  rank    int     NOT NULL,
  is_live boolean NOT NULL,
  label   text    NOT NULL,
  CONSTRAINT stage_key PRIMARY KEY (code),
  CONSTRAINT stage_rank UNIQUE (rank)
);
COMMENT ON TABLE cpts.stage IS 'Maturity stages and ways out; rank is the number of cpts.v1.Stage.';
COMMENT ON COLUMN cpts.stage.code IS 'Name of the stage, as in facts.';
COMMENT ON COLUMN cpts.stage.rank IS 'Number of cpts.v1.Stage, 1 to 8.';
COMMENT ON COLUMN cpts.stage.is_live IS 'True for the four stages that are counted.';
COMMENT ON COLUMN cpts.stage.label IS 'What people read, in French.';
INSERT INTO cpts.stage (code, rank, is_live, label) VALUES
  ('EMERGENCE', 1, true, 'Pré-projet'),
  ('LETTRE_INTENTION', 2, true, 'Lettre d''intention validée'),
  ('PROJET_VALIDE', 3, true, 'Projet de santé validé'),
  ('ACI_SIGNE', 4, true, 'ACI signé'),
  ('ABANDONNE', 5, false, 'Abandonné'),
  ('FUSIONNE', 6, false, 'Fusionné'),
  ('DISSOUS', 7, false, 'Dissous'),
  ('NON_RENOUVELE', 8, false, 'ACI non renouvelé');

CREATE DOMAIN cpts.stage_code AS text
  CONSTRAINT cpts_stage_stage_known CHECK (VALUE IN ('EMERGENCE', 'LETTRE_INTENTION',
    'PROJET_VALIDE', 'ACI_SIGNE', 'ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE'));
COMMENT ON DOMAIN cpts.stage_code IS 'A code of cpts.stage.';
CREATE DOMAIN cpts.epoch_number AS int CONSTRAINT cpts_epoch_range CHECK (VALUE >= 1);
COMMENT ON DOMAIN cpts.epoch_number IS 'Epoch of an ownership, from 1.';
CREATE DOMAIN cpts.version_number AS int CONSTRAINT cpts_version_range CHECK (VALUE >= 1);
COMMENT ON DOMAIN cpts.version_number IS 'Version of a CPTS, from 1.';
CREATE DOMAIN cpts.cpts_name AS text
  CONSTRAINT cpts_name_length CHECK (char_length(VALUE) BETWEEN 1 AND 200);
COMMENT ON DOMAIN cpts.cpts_name IS '1..200 characters.';
CREATE DOMAIN cpts.finess_number AS text
  CONSTRAINT cpts_finess_shape CHECK (VALUE = '' OR VALUE ~ '^[0-9AB]{9}$');
COMMENT ON DOMAIN cpts.finess_number IS 'FINESS number, 9 characters, or empty.';
CREATE DOMAIN cpts.website AS text
  CONSTRAINT cpts_website_length CHECK (char_length(VALUE) <= 200);
COMMENT ON DOMAIN cpts.website IS 'Address of a site, at most 200 characters, or empty.';

CREATE TABLE cpts.cpts (
  cpts_id     uuid                NOT NULL,
  owner_node  text                NOT NULL,
  epoch       cpts.epoch_number   NOT NULL,
  version     cpts.version_number NOT NULL,
  name        cpts.cpts_name      NOT NULL,
  lead_region text                COLLATE "C" NOT NULL,
  stage       cpts.stage_code     NOT NULL,
  stage_on    date                NOT NULL,
  synthetic   boolean             NOT NULL,
  finess      cpts.finess_number  NOT NULL DEFAULT '',
  website     cpts.website        NOT NULL DEFAULT '',
  created_at  timestamptz         NOT NULL,
  updated_at  timestamptz         NOT NULL,
  CONSTRAINT cpts_key PRIMARY KEY (cpts_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE cpts.cpts IS 'One row a CPTS: its identity and what is true of it now. Only its key is indexed, so that commands update in place.';
COMMENT ON COLUMN cpts.cpts.epoch IS 'Epoch of the ownership, from 1; grows at each hand-over.';
COMMENT ON COLUMN cpts.cpts.name IS '1 to 200 characters.';
COMMENT ON COLUMN cpts.cpts.lead_region IS 'INSEE code of the region where the project is counted.';
COMMENT ON COLUMN cpts.cpts.stage_on IS 'Date on which that stage was entered.';
COMMENT ON COLUMN cpts.cpts.synthetic IS 'True for demonstration data; said wherever it is shown.';
COMMENT ON COLUMN cpts.cpts.finess IS 'FINESS number, 9 characters, or empty.';
COMMENT ON COLUMN cpts.cpts.website IS 'Address of its site, or empty.';
COMMENT ON COLUMN cpts.cpts.created_at IS 'When this node recorded it first.';
COMMENT ON COLUMN cpts.cpts.updated_at IS 'When this node recorded its last change.';
COMMENT ON COLUMN cpts.cpts.cpts_id IS 'UUIDv7 minted by the owner, immutable.';
COMMENT ON COLUMN cpts.cpts.owner_node IS 'The one node whose commands may change it.';
COMMENT ON COLUMN cpts.cpts.version IS '1 at creation, +1 at each command.';
COMMENT ON COLUMN cpts.cpts.stage IS 'Stage last recorded; its history is in cpts_stage.';

CREATE TABLE cpts.cpts_stage (
  cpts_id       uuid            NOT NULL,
  version       int             NOT NULL,
  stage         cpts.stage_code NOT NULL,
  successor_id  uuid,
  lead_region   text            COLLATE "C" NOT NULL,
  valid_from    date            NOT NULL,
  valid_to      date            NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz     NOT NULL,
  recorded_to   timestamptz     NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_stage_key PRIMARY KEY (cpts_id, version, valid_from),
  CONSTRAINT cpts_stage_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_stage_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_stage_successor CHECK (successor_id IS NULL OR stage = 'FUSIONNE')
);
COMMENT ON TABLE cpts.cpts_stage
  IS 'Stages entered. A stage lasts until the next one begins: on a date, the believed row with the greatest valid_from (then version) counts. valid_to is finite only for a stage known to end by itself.';
COMMENT ON COLUMN cpts.cpts_stage.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_stage.stage IS 'Stage entered.';
COMMENT ON COLUMN cpts.cpts_stage.successor_id IS 'CPTS that takes over; with FUSIONNE only.';
COMMENT ON COLUMN cpts.cpts_stage.valid_from IS 'Date on which it was entered.';
COMMENT ON COLUMN cpts.cpts_stage.valid_to IS 'First date on which it no longer holds by itself; else infinity.';
COMMENT ON COLUMN cpts.cpts_stage.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_stage.recorded_to IS 'Until when; infinity while it does.';
COMMENT ON COLUMN cpts.cpts_stage.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_stage.lead_region IS 'Lead region when recorded; for row-level security.';

CREATE TABLE cpts.cpts_territory (
  cpts_id       uuid             NOT NULL,
  version       int              NOT NULL,
  unit_code     text             COLLATE "C" NOT NULL,
  share         double precision NOT NULL,
  lead_region   text             COLLATE "C" NOT NULL,
  valid_from    date             NOT NULL,
  valid_to      date             NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz      NOT NULL,
  recorded_to   timestamptz      NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_territory_key PRIMARY KEY (cpts_id, version, unit_code, valid_from),
  CONSTRAINT cpts_territory_share_range CHECK (share > 0 AND share <= 1),
  CONSTRAINT cpts_territory_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_territory_recorded CHECK (recorded_from <= recorded_to)
);
CREATE INDEX cpts_territory_unit_code_idx ON cpts.cpts_territory (unit_code);
COMMENT ON TABLE cpts.cpts_territory
  IS 'Units of a territory, each from valid_from until before valid_to (a way out ends them): leaves of the reference only (Paris, Lyon and Marseille by arrondissement), old codes mapped by the owner; no foreign key, so that a replica with older reference data still stores what the owner decided.';
COMMENT ON COLUMN cpts.cpts_territory.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_territory.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_territory.unit_code IS 'Code of a leaf of territory_unit.';
COMMENT ON COLUMN cpts.cpts_territory.valid_from IS 'First date on which the unit belongs.';
COMMENT ON COLUMN cpts.cpts_territory.valid_to IS 'First date on which it no longer does; else infinity.';
COMMENT ON COLUMN cpts.cpts_territory.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_territory.recorded_to IS 'Until when; infinity while it does.';
COMMENT ON COLUMN cpts.cpts_territory.share IS 'Share of the unit''s population, (0, 1].';
COMMENT ON COLUMN cpts.cpts_territory.lead_region IS 'Lead region when recorded; for row-level security.';

CREATE TABLE cpts.cpts_population (
  cpts_id          uuid             NOT NULL,
  version          int              NOT NULL,
  department       text             COLLATE "C" NOT NULL,
  region           text             COLLATE "C" NOT NULL,
  population_count double precision NOT NULL,
  lead_region      text             COLLATE "C" NOT NULL,
  valid_from       date             NOT NULL,
  valid_to         date             NOT NULL DEFAULT 'infinity',
  recorded_from    timestamptz      NOT NULL,
  recorded_to      timestamptz      NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_population_key PRIMARY KEY (cpts_id, version, department, valid_from),
  CONSTRAINT cpts_population_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_population_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_population
  IS 'Inhabitants of a territory by département: the sum over the cpts_territory rows with the same dates, kept so that boards need not add up every commune. Written with them, computed anew by reference/load.sql.';
COMMENT ON COLUMN cpts.cpts_population.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_population.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_population.department IS 'Code of the département.';
COMMENT ON COLUMN cpts.cpts_population.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_population.valid_from IS 'As in cpts_territory.';
COMMENT ON COLUMN cpts.cpts_population.valid_to IS 'As in cpts_territory.';
COMMENT ON COLUMN cpts.cpts_population.recorded_from IS 'As in cpts_territory.';
COMMENT ON COLUMN cpts.cpts_population.recorded_to IS 'As in cpts_territory.';
COMMENT ON COLUMN cpts.cpts_population.population_count IS 'Inhabitants, shares applied, not rounded.';
COMMENT ON COLUMN cpts.cpts_population.region IS 'Region of the département.';

CREATE TABLE cpts.unit_overlap (
  unit_code text COLLATE "C" NOT NULL,
  CONSTRAINT unit_overlap_key PRIMARY KEY (unit_code)
);
COMMENT ON TABLE cpts.unit_overlap
  IS 'Units that two CPTS claimed on a same day: where boards look for inhabitants to count once. Whoever records a territory adds to it; nothing is taken away.';
COMMENT ON COLUMN cpts.unit_overlap.unit_code IS 'Code of a leaf of territory_unit.';

-- may_read() is asked once a statement where statements read many rows (the
-- parentheses), and on the row where they read one.
ALTER TABLE cpts.cpts ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_read ON cpts.cpts FOR SELECT USING (cpts.may_read());
CREATE POLICY cpts_insert ON cpts.cpts FOR INSERT WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_update ON cpts.cpts FOR UPDATE USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_stage ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_stage FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_stage_read ON cpts.cpts_stage FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_stage_insert ON cpts.cpts_stage FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_stage_update ON cpts.cpts_stage FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_territory ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_territory FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_territory_read ON cpts.cpts_territory FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_territory_insert ON cpts.cpts_territory FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_territory_update ON cpts.cpts_territory FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_population ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_population FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_population_read ON cpts.cpts_population FOR SELECT
  USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_population_insert ON cpts.cpts_population FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_population_update ON cpts.cpts_population FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

CREATE FUNCTION cpts.command_refusal(principal text, command_id uuid, content_hash bytea,
    cpts_id uuid, node text, version_seen int,
    OUT outcome text, OUT version int, OUT log_position bigint, OUT detail text,
    OUT stage text, OUT stage_on date)
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  SELECT CASE WHEN c.content_hash = command_refusal.content_hash THEN 'REPLAYED'
              ELSE 'COMMAND_ID_REUSED' END, c.version, c.log_position
    INTO outcome, version, log_position
    FROM cpts.command c
   WHERE c.principal = command_refusal.principal AND c.command_id = command_refusal.command_id;
  IF FOUND THEN
    RETURN;
  END IF;
  SELECT CASE WHEN NOT cpts.may_write(c.lead_region, c.cpts_id) THEN 'OUT_OF_SCOPE'
              WHEN c.owner_node <> node THEN 'NOT_OWNER'
              WHEN c.version <> version_seen THEN 'STALE_VERSION' END,
         CASE WHEN c.owner_node <> node THEN cpts.node_and_address(c.owner_node)
              WHEN c.version <> version_seen THEN c.version::text END,
         c.stage, c.stage_on
    INTO outcome, detail, stage, stage_on
    FROM cpts.cpts c
   WHERE c.cpts_id = command_refusal.cpts_id;
  IF NOT FOUND THEN
    outcome := 'CPTS_NOT_FOUND';
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.command_refusal(text, uuid, bytea, uuid, text, int)
  IS 'Why a command about a CPTS changed nothing, in the order in which refusals are told; REPLAYED with the first outcome. Outcome NULL: none of the reasons that all commands share. Asked only then, so that the others do not pay for it; sees what the statement saw.';

GRANT SELECT ON cpts.stage TO cpts_app;
GRANT SELECT, INSERT, UPDATE ON cpts.cpts TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_stage TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_stage TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_territory TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_territory TO cpts_app;
GRANT SELECT, INSERT ON cpts.unit_overlap TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_population TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_population TO cpts_app;

COMMIT;
