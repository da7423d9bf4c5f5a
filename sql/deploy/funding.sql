-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:funding
-- The grids of the ACI: what the contract pays, by version, line and size of the
-- CPTS, each amount with how sure it is and who says so. Reference data, filled
-- by reference/load.sql; a server reads it at its start.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE DOMAIN cpts.confidence AS text
  CONSTRAINT confidence_known CHECK (VALUE IN ('CONFIRMED', 'DERIVED', 'EXTRAPOLATED', 'INFERRED',
    'FROM_MEMORY', 'UNVERIFIED'));
COMMENT ON DOMAIN cpts.confidence
  IS 'How sure a figure is, the surest first: CONFIRMED by a source, DERIVED by arithmetic from confirmed figures, EXTRAPOLATED, INFERRED by analogy, FROM_MEMORY, UNVERIFIED. Shown wherever the figure is.';

CREATE TABLE cpts.aci_grid (
  grid            text            NOT NULL,
  label           text            NOT NULL,
  valid_from      date            NOT NULL,
  valid_to        date            NOT NULL DEFAULT 'infinity',
  base_grid       text,
  advance_percent int             NOT NULL,
  confidence      cpts.confidence NOT NULL,
  source          text            NOT NULL,
  CONSTRAINT aci_grid_key PRIMARY KEY (grid),
  CONSTRAINT aci_grid_valid_from UNIQUE (valid_from),
  CONSTRAINT aci_grid_valid CHECK (valid_from < valid_to),
  CONSTRAINT aci_grid_advance_range CHECK (advance_percent BETWEEN 0 AND 100),
  CONSTRAINT aci_grid_base CHECK (base_grid <> grid),
  CONSTRAINT aci_grid_base_grid_fk FOREIGN KEY (base_grid) REFERENCES cpts.aci_grid (grid)
);
COMMENT ON TABLE cpts.aci_grid
  IS 'Versions of the grid of the ACI; on a date the one counts whose dates hold it.';
COMMENT ON COLUMN cpts.aci_grid.grid IS 'Short name: 2019, avenant 2.';
COMMENT ON COLUMN cpts.aci_grid.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.aci_grid.valid_from IS 'First date on which it is in force.';
COMMENT ON COLUMN cpts.aci_grid.valid_to IS 'First date on which it no longer is; else infinity.';
COMMENT ON COLUMN cpts.aci_grid.base_grid
  IS 'Grid whose lines hold where this one has none; NULL: none.';
COMMENT ON COLUMN cpts.aci_grid.advance_percent
  IS 'Share of a year''s fixed amounts that is advanced, percent; the rest is the balance.';
COMMENT ON COLUMN cpts.aci_grid.confidence IS 'How sure its dates and its advance are.';
COMMENT ON COLUMN cpts.aci_grid.source IS 'Text that it comes from, and what of it is a reading.';

CREATE TABLE cpts.aci_line (
  grid         text            NOT NULL,
  line         text            NOT NULL,
  part         text            NOT NULL,
  size         int             NOT NULL,
  rank         int             NOT NULL,
  mission      text            NOT NULL,
  obligation   text            NOT NULL,
  amount_cents bigint          NOT NULL,
  confidence   cpts.confidence NOT NULL,
  source       text            NOT NULL,
  CONSTRAINT aci_line_key PRIMARY KEY (grid, line, part, size),
  CONSTRAINT aci_line_grid_fk FOREIGN KEY (grid) REFERENCES cpts.aci_grid (grid),
  CONSTRAINT aci_line_part_known CHECK (part IN ('FIXED', 'VARIABLE', 'PLAN_WRITTEN',
    'PLAN_UPDATED', 'CRISIS_VARIABLE', 'ONE_OFF', 'EARLY_SIGNER', 'TOTAL', 'MAX_WITHOUT_SNP',
    'MAX_WITH_SNP', 'MAX_WITH_SNP_AND_CRISIS')),
  CONSTRAINT aci_line_size_range CHECK (size BETWEEN 1 AND 4),
  CONSTRAINT aci_line_obligation_known CHECK (obligation IN ('BASE', 'SOCLE', 'CONDITIONAL',
    'OPTIONAL', 'BEFORE_ACI', 'EARLY_SIGNER', 'TOTAL')),
  CONSTRAINT aci_line_amount_range CHECK (amount_cents BETWEEN 0 AND 100000000000)
);
COMMENT ON TABLE cpts.aci_line
  IS 'Amounts of a full year by line, part and size class. Lines of part TOTAL and MAX_... are published sums: what the others are checked against, never added.';
COMMENT ON COLUMN cpts.aci_line.grid IS 'Version that the amount belongs to.';
COMMENT ON COLUMN cpts.aci_line.line IS 'What is paid: fonctionnement, parcours, snp_supplement and so on.';
COMMENT ON COLUMN cpts.aci_line.part IS 'Under which rule: see server/domain/entitlement_rules.h.';
COMMENT ON COLUMN cpts.aci_line.size IS 'Size class 1 to 4 (TAILLE_1 to TAILLE_4).';
COMMENT ON COLUMN cpts.aci_line.rank IS 'Order in which lines are shown, from 1.';
COMMENT ON COLUMN cpts.aci_line.mission IS 'Mission that must be carried; empty: none.';
COMMENT ON COLUMN cpts.aci_line.obligation
  IS 'BASE, SOCLE, CONDITIONAL (soins non programmés), OPTIONAL, BEFORE_ACI, EARLY_SIGNER, TOTAL.';
COMMENT ON COLUMN cpts.aci_line.amount_cents IS 'Euro cents for a full year.';
COMMENT ON COLUMN cpts.aci_line.confidence IS 'How sure that amount is.';
COMMENT ON COLUMN cpts.aci_line.source IS 'Who says so, or how it was found.';

GRANT SELECT ON cpts.aci_grid TO cpts_app;
GRANT SELECT ON cpts.aci_line TO cpts_app;

COMMIT;
