-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:indicator
-- Indicators of the ACI: definitions (reference data), step tables and values
-- of each CPTS. Values are numeric: thresholds are compared exactly.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.indicator (
  code          text    COLLATE "C" NOT NULL,
  valid_from    date    NOT NULL,
  valid_to      date    NOT NULL DEFAULT 'infinity',
  mission       text    NOT NULL,
  label         text    NOT NULL,
  kind          text    NOT NULL,
  direction     text    NOT NULL,
  unit          text    NOT NULL,
  counts_people boolean NOT NULL,
  provider      text    NOT NULL,
  example       text    NOT NULL,
  source        text    NOT NULL,
  confidence    text    NOT NULL,
  CONSTRAINT indicator_key PRIMARY KEY (code, valid_from),
  CONSTRAINT indicator_valid CHECK (valid_from < valid_to),
  CONSTRAINT indicator_kind_known CHECK (kind IN ('means', 'activity', 'result')),
  CONSTRAINT indicator_direction_known CHECK (direction IN ('UP', 'DOWN', 'YES_NO'))
);
COMMENT ON TABLE cpts.indicator IS 'Definitions of indicators, versioned by date. Filled by reference/load.sql.';
COMMENT ON COLUMN cpts.indicator.code IS 'Code, upper case, never reused.';
COMMENT ON COLUMN cpts.indicator.valid_from IS 'First date on which the definition stands.';
COMMENT ON COLUMN cpts.indicator.valid_to IS 'First date on which it no longer does; else infinity.';
COMMENT ON COLUMN cpts.indicator.mission IS 'Code of the ACI mission.';
COMMENT ON COLUMN cpts.indicator.label IS 'What people read, French.';
COMMENT ON COLUMN cpts.indicator.kind IS 'means, activity or result.';
COMMENT ON COLUMN cpts.indicator.direction IS 'UP, DOWN (which way is better) or YES_NO.';
COMMENT ON COLUMN cpts.indicator.unit IS 'Unit of its values: patient, percent, yes_no and so on.';
COMMENT ON COLUMN cpts.indicator.counts_people IS 'True when values count people: small ones are suppressed.';
COMMENT ON COLUMN cpts.indicator.provider IS 'Who gives the values.';
COMMENT ON COLUMN cpts.indicator.example IS 'Thresholds and amounts of a published contract, or empty.';
COMMENT ON COLUMN cpts.indicator.source IS 'Where the definition is known from.';
COMMENT ON COLUMN cpts.indicator.confidence IS 'How sure that is; shown with it.';

CREATE FUNCTION cpts.step_list(thresholds numeric[], amounts_cents bigint[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN array_to_string(thresholds, ';') || ' ' || array_to_string(amounts_cents, ';');
COMMENT ON FUNCTION cpts.step_list(numeric[], bigint[])
  IS 'Lines of a step table as text: thresholds, a space, amounts, semicolons between. Numbers have one text whatever the settings: immutable.';

CREATE TABLE cpts.cpts_indicator_target (
  cpts_id       uuid        NOT NULL,
  version       int         NOT NULL,
  indicator     text        COLLATE "C" NOT NULL,
  baseline      numeric(18, 6),
  thresholds    numeric(18, 6)[] NOT NULL,
  amounts_cents bigint[]    NOT NULL,
  step_list     text        COLLATE "C" NOT NULL
    GENERATED ALWAYS AS (cpts.step_list(thresholds, amounts_cents)) STORED,
  published     boolean     NOT NULL,
  lead_region   text        COLLATE "C" NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date        NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz NOT NULL,
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_indicator_target_key PRIMARY KEY (cpts_id, version, indicator, valid_from),
  CONSTRAINT cpts_indicator_target_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_indicator_target_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_indicator_target_thresholds CHECK (cardinality(thresholds) BETWEEN 1 AND 3
    AND cardinality(thresholds) = cardinality(amounts_cents))
);
COMMENT ON TABLE cpts.cpts_indicator_target IS 'Step tables: what a CPTS has to reach, and what each step is worth. On a date, the believed row with the greatest valid_from counts.';
COMMENT ON COLUMN cpts.cpts_indicator_target.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_indicator_target.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_indicator_target.indicator IS 'Code of the indicator.';
COMMENT ON COLUMN cpts.cpts_indicator_target.baseline IS 'Value at the start of the contract; NULL when not known.';
COMMENT ON COLUMN cpts.cpts_indicator_target.thresholds IS 'One to three, each harder to reach than the one before.';
COMMENT ON COLUMN cpts.cpts_indicator_target.amounts_cents IS 'Euro cents a year, one for each threshold, not added up.';
COMMENT ON COLUMN cpts.cpts_indicator_target.step_list IS 'Both as text, for boards that read thousands: "thresholds amounts", semicolons between.';
COMMENT ON COLUMN cpts.cpts_indicator_target.published IS 'Locked values may be shown to everybody.';
COMMENT ON COLUMN cpts.cpts_indicator_target.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_indicator_target.valid_from IS 'First date on which the table holds.';
COMMENT ON COLUMN cpts.cpts_indicator_target.valid_to IS 'First date on which it no longer does by itself; else infinity.';
COMMENT ON COLUMN cpts.cpts_indicator_target.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_indicator_target.recorded_to IS 'Until when; infinity while it does.';

CREATE TABLE cpts.cpts_indicator_value (
  cpts_id           uuid           NOT NULL,
  version           int            NOT NULL,
  indicator         text           COLLATE "C" NOT NULL,
  period            text           COLLATE "C" NOT NULL,
  value             numeric(18, 6) NOT NULL,
  state             text           NOT NULL,
  correction_reason text           NOT NULL DEFAULT '',
  lead_region       text           COLLATE "C" NOT NULL,
  valid_from        date           NOT NULL,
  valid_to          date           NOT NULL,
  recorded_from     timestamptz    NOT NULL,
  recorded_to       timestamptz    NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_indicator_value_key PRIMARY KEY (cpts_id, version, indicator, period),
  CONSTRAINT cpts_indicator_value_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_indicator_value_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_indicator_value_state_known CHECK (state IN ('SUBMITTED', 'APPROVED', 'LOCKED')),
  CONSTRAINT cpts_indicator_value_period_shape
    CHECK (period ~ '^[0-9]{4}(-(S[12]|T[1-4]|0[1-9]|1[0-2]))?$'),
  CONSTRAINT cpts_indicator_value_reason_length CHECK (char_length(correction_reason) <= 500)
);
CREATE INDEX cpts_indicator_value_indicator_period_idx
  ON cpts.cpts_indicator_value (indicator, period);
COMMENT ON TABLE cpts.cpts_indicator_value IS 'Values by period, and where each stands; the believed row counts.';
COMMENT ON COLUMN cpts.cpts_indicator_value.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_indicator_value.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_indicator_value.indicator IS 'Code of the indicator.';
COMMENT ON COLUMN cpts.cpts_indicator_value.period IS '2024, 2024-S1, 2024-T3 or 2024-07.';
COMMENT ON COLUMN cpts.cpts_indicator_value.value IS 'In the indicator''s unit.';
COMMENT ON COLUMN cpts.cpts_indicator_value.state IS 'SUBMITTED, APPROVED (by the ARS) or LOCKED.';
COMMENT ON COLUMN cpts.cpts_indicator_value.correction_reason IS 'Why a locked value was corrected, or empty.';
COMMENT ON COLUMN cpts.cpts_indicator_value.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_indicator_value.valid_from IS 'First day of the period.';
COMMENT ON COLUMN cpts.cpts_indicator_value.valid_to IS 'First day after it; the step table of the day before judges the value.';
COMMENT ON COLUMN cpts.cpts_indicator_value.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_indicator_value.recorded_to IS 'Until when; infinity while it does.';

ALTER TABLE cpts.cpts_indicator_target ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_indicator_target FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_indicator_target_read ON cpts.cpts_indicator_target FOR SELECT
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
CREATE POLICY cpts_indicator_target_insert ON cpts.cpts_indicator_target FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, false));
CREATE POLICY cpts_indicator_target_update ON cpts.cpts_indicator_target FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, false));

ALTER TABLE cpts.cpts_indicator_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_indicator_value FORCE ROW LEVEL SECURITY;
-- The public reads what is locked, where the step table of the last day of the
-- period is published. In the order of the key, so that no plan needs a
-- sequential scan: a board reads thousands.
CREATE POLICY cpts_indicator_value_read ON cpts.cpts_indicator_value FOR SELECT
  USING (CASE WHEN state = 'LOCKED'
                THEN (SELECT cpts.may_read())
                     OR (cpts_id IN (SELECT c.cpts_id FROM cpts.cpts c
                                      WHERE c.published
                                        AND current_setting('app.scope', true) = 'public'
                                      ORDER BY c.cpts_id)
                         AND (SELECT t.published FROM cpts.cpts_indicator_target t
                               WHERE t.cpts_id = cpts_indicator_value.cpts_id
                                 AND t.indicator = cpts_indicator_value.indicator
                                 AND t.valid_from < cpts_indicator_value.valid_to
                                 AND t.valid_to >= cpts_indicator_value.valid_to
                                 AND t.recorded_to = 'infinity'
                               ORDER BY t.valid_from DESC, t.version DESC LIMIT 1))
              ELSE cpts.may_write(lead_region, cpts_id) END);
CREATE POLICY cpts_indicator_value_insert ON cpts.cpts_indicator_value FOR INSERT
  WITH CHECK (cpts.may_decide(lead_region, cpts_id, state = 'SUBMITTED'));
-- What is not locked may be submitted anew.
CREATE POLICY cpts_indicator_value_update ON cpts.cpts_indicator_value FOR UPDATE
  USING (cpts.may_decide(lead_region, cpts_id, state <> 'LOCKED'));

GRANT SELECT ON cpts.indicator TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_indicator_target TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_indicator_target TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_indicator_value TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_indicator_value TO cpts_app;

COMMIT;
