-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:capacity
-- What a CPTS can take in by ISO week, and how many people seek a médecin
-- traitant. Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.capacity_objective (
  valid_from  date             NOT NULL,
  valid_to    date             NOT NULL DEFAULT 'infinity',
  snp_percent double precision NOT NULL,
  source      text             NOT NULL,
  confidence  text             NOT NULL,
  CONSTRAINT capacity_objective_key PRIMARY KEY (valid_from),
  CONSTRAINT capacity_objective_valid CHECK (valid_from < valid_to),
  CONSTRAINT capacity_objective_percent_range CHECK (snp_percent > 0 AND snp_percent <= 100)
);
COMMENT ON TABLE cpts.capacity_objective IS 'What doctors committed themselves to keep for SNP, by date. Filled by reference/load.sql.';
COMMENT ON COLUMN cpts.capacity_objective.valid_from IS 'First date on which it stands.';
COMMENT ON COLUMN cpts.capacity_objective.valid_to IS 'First date on which it no longer does; else infinity.';
COMMENT ON COLUMN cpts.capacity_objective.snp_percent IS 'Percent of doctors'' slots, above 0.';
COMMENT ON COLUMN cpts.capacity_objective.source IS 'Where it is known from.';
COMMENT ON COLUMN cpts.capacity_objective.confidence IS 'How sure that is; shown with it.';

CREATE TABLE cpts.cpts_capacity (
  cpts_id       uuid        NOT NULL,
  version       int         NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date        NOT NULL,
  kind          text        COLLATE "C" NOT NULL,
  area          text        COLLATE "C" NOT NULL DEFAULT '',
  counted       int         NOT NULL,
  lead_region   text        COLLATE "C" NOT NULL,
  recorded_from timestamptz NOT NULL,
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_capacity_key PRIMARY KEY (cpts_id, version, valid_from, kind, area),
  CONSTRAINT cpts_capacity_week CHECK (extract(isodow FROM valid_from) = 1
    AND valid_to = valid_from + 7),
  CONSTRAINT cpts_capacity_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_capacity_kind_known CHECK (kind IN ('SNP_SLOTS', 'DOCTOR_SLOTS', 'PLACES', 'SEEKERS')),
  CONSTRAINT cpts_capacity_area_shape
    CHECK (area ~ CASE WHEN kind = 'SEEKERS' THEN '^[0-9][0-9AB][0-9]{0,3}$' ELSE '^$' END),
  CONSTRAINT cpts_capacity_counted_range CHECK (counted BETWEEN 0 AND 10000000)
);
-- What referrals ask: the latest weeks of a CPTS (query/capacity_latest.sql).
CREATE INDEX cpts_capacity_cpts_id_valid_from_idx
  ON cpts.cpts_capacity (cpts_id, valid_from) WHERE recorded_to = 'infinity';
-- What the board asks: one week of all.
CREATE INDEX cpts_capacity_valid_from_idx ON cpts.cpts_capacity (valid_from);
COMMENT ON TABLE cpts.cpts_capacity IS 'Figures of weeks of a CPTS; the believed row counts.';
COMMENT ON COLUMN cpts.cpts_capacity.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_capacity.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_capacity.valid_from IS 'Monday of the week.';
COMMENT ON COLUMN cpts.cpts_capacity.valid_to IS 'Monday of the next one.';
COMMENT ON COLUMN cpts.cpts_capacity.kind IS 'SNP_SLOTS, DOCTOR_SLOTS (all slots of those doctors), PLACES (new patients that can be taken), SEEKERS (people who seek a médecin traitant).';
COMMENT ON COLUMN cpts.cpts_capacity.area IS 'With SEEKERS: INSEE code of a commune, arrondissement or département; else empty.';
COMMENT ON COLUMN cpts.cpts_capacity.counted IS 'Slots, places or people.';
COMMENT ON COLUMN cpts.cpts_capacity.lead_region IS 'Lead region when recorded; for row-level security and the board.';
COMMENT ON COLUMN cpts.cpts_capacity.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_capacity.recorded_to IS 'Until when; infinity while it does.';

ALTER TABLE cpts.cpts_capacity ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_capacity FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_capacity_read ON cpts.cpts_capacity FOR SELECT
  USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_capacity_insert ON cpts.cpts_capacity FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_capacity_update ON cpts.cpts_capacity FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

GRANT SELECT ON cpts.capacity_objective TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_capacity TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_capacity TO cpts_app;

COMMIT;
