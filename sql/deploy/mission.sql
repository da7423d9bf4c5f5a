-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:mission
-- The missions of a CPTS: where each stands, its plan of objectives and actions,
-- what happened to its crisis plan.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.mission (
  code          text            NOT NULL,
  rank          int             NOT NULL,
  label         text            NOT NULL,
  obligation    text            NOT NULL,
  valid_from    date            NOT NULL,
  valid_to      date            NOT NULL DEFAULT 'infinity',
  confidence    cpts.confidence NOT NULL,
  source        text            NOT NULL,
  CONSTRAINT mission_key PRIMARY KEY (code),
  CONSTRAINT mission_code_shape CHECK (code ~ '^[a-z_]{1,40}$'),
  CONSTRAINT mission_valid CHECK (valid_from < valid_to),
  CONSTRAINT mission_obligation_known CHECK (obligation IN ('SOCLE', 'CONDITIONAL', 'OPTIONAL'))
);
COMMENT ON TABLE cpts.mission IS 'Missions that the ACI knows. Filled by reference/load.sql.';
COMMENT ON COLUMN cpts.mission.code IS 'Code of the mission, small letters and _.';
COMMENT ON COLUMN cpts.mission.rank IS 'Order in which missions are shown, from 1.';
COMMENT ON COLUMN cpts.mission.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.mission.obligation
  IS 'SOCLE (every CPTS carries it), CONDITIONAL (soins non programmés: a supplement when organised), OPTIONAL.';
COMMENT ON COLUMN cpts.mission.valid_from IS 'First date on which the ACI knows it.';
COMMENT ON COLUMN cpts.mission.valid_to IS 'First date on which it no longer does; else infinity.';
COMMENT ON COLUMN cpts.mission.confidence IS 'How sure its obligation and dates are.';
COMMENT ON COLUMN cpts.mission.source IS 'Text that it comes from.';

CREATE DOMAIN cpts.mission_code AS text
  CONSTRAINT cpts_mission_code_shape CHECK (VALUE ~ '^[a-z_]{1,40}$');
COMMENT ON DOMAIN cpts.mission_code
  IS 'A code of cpts.mission; by shape only, so that a replica takes what a newer owner decided.';
CREATE DOMAIN cpts.mission_status AS text CONSTRAINT cpts_mission_status_known
  CHECK (VALUE IN ('PLANNED', 'STARTED', 'DEPLOYED', 'STOPPED'));
COMMENT ON DOMAIN cpts.mission_status IS 'Where a mission stands; carried while STARTED or DEPLOYED.';

CREATE TABLE cpts.cpts_mission (
  cpts_id       uuid                NOT NULL,
  version       int                 NOT NULL,
  mission       cpts.mission_code   COLLATE "C" NOT NULL,
  status        cpts.mission_status NOT NULL,
  lead_region   text                COLLATE "C" NOT NULL,
  valid_from    date                NOT NULL,
  valid_to      date                NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz         NOT NULL,
  recorded_to   timestamptz         NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_mission_key PRIMARY KEY (cpts_id, version, mission, valid_from),
  CONSTRAINT cpts_mission_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_mission_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_mission
  IS 'Statuses that a mission entered. A status lasts until the mission''s next one begins: on a date, the believed row with the greatest valid_from (then version) counts.';
COMMENT ON COLUMN cpts.cpts_mission.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_mission.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_mission.mission IS 'Code of the mission.';
COMMENT ON COLUMN cpts.cpts_mission.status IS 'Status entered.';
COMMENT ON COLUMN cpts.cpts_mission.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_mission.valid_from IS 'Date on which it was entered.';
COMMENT ON COLUMN cpts.cpts_mission.valid_to IS 'First date on which it no longer holds by itself; else infinity.';
COMMENT ON COLUMN cpts.cpts_mission.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_mission.recorded_to IS 'Until when; infinity while it does.';

CREATE DOMAIN cpts.plan_state AS text
  CONSTRAINT cpts_plan_state_known CHECK (VALUE IN ('PROPOSED', 'ADOPTED'));
COMMENT ON DOMAIN cpts.plan_state IS 'PROPOSED by the CPTS, or ADOPTED with its ARS.';

CREATE TABLE cpts.cpts_mission_plan (
  cpts_id       uuid              NOT NULL,
  version       int               NOT NULL,
  mission       cpts.mission_code COLLATE "C" NOT NULL,
  state         cpts.plan_state   NOT NULL,
  objectives    text[]            NOT NULL,
  actions       text[]            NOT NULL,
  lead_region   text              COLLATE "C" NOT NULL,
  valid_from    date              NOT NULL,
  valid_to      date              NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz       NOT NULL,
  recorded_to   timestamptz       NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_mission_plan_key PRIMARY KEY (cpts_id, version, mission, valid_from),
  CONSTRAINT cpts_mission_plan_objectives_size CHECK (cardinality(objectives) <= 10
    AND char_length(array_to_string(objectives, '')) <= 5000),
  CONSTRAINT cpts_mission_plan_actions_size CHECK (cardinality(actions) <= 30
    AND char_length(array_to_string(actions, '')) <= 15000),
  CONSTRAINT cpts_mission_plan_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_mission_plan_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_mission_plan
  IS 'Objectives and actions of a mission. On a date, of each state the believed row with the greatest valid_from (then version) counts; a proposal older than what was adopted is settled.';
COMMENT ON COLUMN cpts.cpts_mission_plan.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_mission_plan.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_mission_plan.mission IS 'Code of the mission.';
COMMENT ON COLUMN cpts.cpts_mission_plan.state IS 'PROPOSED or ADOPTED.';
COMMENT ON COLUMN cpts.cpts_mission_plan.objectives IS 'At most 10 texts of at most 500 characters.';
COMMENT ON COLUMN cpts.cpts_mission_plan.actions IS 'At most 30 texts of at most 500 characters.';
COMMENT ON COLUMN cpts.cpts_mission_plan.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_mission_plan.valid_from IS 'Date from which it holds.';
COMMENT ON COLUMN cpts.cpts_mission_plan.valid_to IS 'First date on which it no longer holds by itself; else infinity.';
COMMENT ON COLUMN cpts.cpts_mission_plan.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_mission_plan.recorded_to IS 'Until when; infinity while it does.';

CREATE DOMAIN cpts.crisis_kind AS text CONSTRAINT cpts_crisis_kind_known
  CHECK (VALUE IN ('PLAN_WRITTEN', 'PLAN_UPDATED', 'RECOGNISED'));
COMMENT ON DOMAIN cpts.crisis_kind
  IS 'The crisis plan was written, was updated, or the ARS recognised a crisis.';

CREATE TABLE cpts.cpts_crisis (
  cpts_id       uuid             NOT NULL,
  version       int              NOT NULL,
  kind          cpts.crisis_kind NOT NULL,
  lead_region   text             COLLATE "C" NOT NULL,
  valid_from    date             NOT NULL,
  valid_to      date             NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz      NOT NULL,
  recorded_to   timestamptz      NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_crisis_key PRIMARY KEY (cpts_id, version, kind, valid_from),
  CONSTRAINT cpts_crisis_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_crisis_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_crisis IS 'What the health-crisis mission is paid for, a row a fact.';
COMMENT ON COLUMN cpts.cpts_crisis.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_crisis.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_crisis.kind IS 'What happened.';
COMMENT ON COLUMN cpts.cpts_crisis.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_crisis.valid_from IS 'Date on which it happened.';
COMMENT ON COLUMN cpts.cpts_crisis.valid_to IS 'First date on which it no longer counts; else infinity.';
COMMENT ON COLUMN cpts.cpts_crisis.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_crisis.recorded_to IS 'Until when; infinity while it does.';

-- The one writer of what stops the clocks of missions. What a correction takes back
-- runs again, unless a status that is still believed had stopped it before.
CREATE FUNCTION cpts.mission_clock_follow(cpts_id uuid, version int, lead_region text,
    mission text, entered_on date, kinds text[], is_correction boolean) RETURNS text[]
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  stopped text[];
BEGIN
  WITH superseded AS (
    UPDATE cpts.cpts_clock k
       SET recorded_to = cpts.log_now()
     WHERE k.cpts_id = mission_clock_follow.cpts_id AND k.recorded_to = 'infinity'
       AND k.mission = mission_clock_follow.mission
       AND CASE WHEN k.valid_to = 'infinity' THEN k.kind = ANY (kinds)
                ELSE is_correction AND k.valid_to >= entered_on
                     AND k.valid_to IS DISTINCT FROM
                         CASE WHEN k.kind = ANY (kinds) THEN greatest(entered_on, k.valid_from) END
                     AND NOT EXISTS (
                       SELECT FROM cpts.cpts_mission m
                        WHERE m.cpts_id = k.cpts_id AND m.mission = k.mission
                          AND m.valid_from < entered_on AND m.recorded_to = 'infinity'
                          AND (m.status = 'DEPLOYED'
                               OR (m.status = 'STARTED' AND k.kind = 'MISSION_START'))) END
    RETURNING k.clock_id, k.kind, k.due_on, k.raised_at, k.valid_from
  ), followed AS (
    INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
        lead_region, valid_from, valid_to, recorded_from)
      SELECT mission_clock_follow.cpts_id, mission_clock_follow.version, s.clock_id, s.kind,
             mission_clock_follow.mission, s.due_on, s.raised_at,
             mission_clock_follow.lead_region, s.valid_from,
             CASE WHEN s.kind = ANY (kinds) THEN greatest(entered_on, s.valid_from)
                  ELSE 'infinity' END, cpts.log_now()
        FROM superseded s
  )
  SELECT coalesce(array_agg(concat_ws(' ', 'CLOCK', s.clock_id, s.kind,
                                      mission_clock_follow.mission, s.due_on)
                            ORDER BY s.clock_id), '{}')
    INTO stopped
    FROM superseded s
   WHERE s.kind = ANY (kinds);
  RETURN stopped;
END
$$;
COMMENT ON FUNCTION cpts.mission_clock_follow(uuid, int, text, text, date, text[], boolean)
  IS 'Stops the clocks of those kinds of a mission whose status changed; a correction lets run again what a status stopped that is no longer believed. Gives "CLOCK <id> <kind> <mission> <due>" of each that it stopped.';

-- may_read() is asked once a statement: statements read many rows.
ALTER TABLE cpts.cpts_mission ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_mission FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_mission_read ON cpts.cpts_mission FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_mission_insert ON cpts.cpts_mission FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, false));
CREATE POLICY cpts_mission_update ON cpts.cpts_mission FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, false));

ALTER TABLE cpts.cpts_mission_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_mission_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_mission_plan_read ON cpts.cpts_mission_plan FOR SELECT
  USING ((state = 'ADOPTED' AND (SELECT cpts.may_read())) OR cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_mission_plan_insert ON cpts.cpts_mission_plan FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, state = 'PROPOSED'));
CREATE POLICY cpts_mission_plan_update ON cpts.cpts_mission_plan FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, state = 'PROPOSED'));

ALTER TABLE cpts.cpts_crisis ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_crisis FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_crisis_read ON cpts.cpts_crisis FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_crisis_insert ON cpts.cpts_crisis FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, false));
CREATE POLICY cpts_crisis_update ON cpts.cpts_crisis FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, false));

GRANT SELECT ON cpts.mission TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_mission TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_mission TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_mission_plan TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_mission_plan TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_crisis TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_crisis TO cpts_app;

COMMIT;
