-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:published_count
-- Counts of CPTS that others published, each with its words of caution. Filled
-- by reference/load.sql.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.published_count (
  scope          text COLLATE "C" NOT NULL,
  measure        text COLLATE "C" NOT NULL,
  counted_on     date NOT NULL,
  publisher      text NOT NULL,
  cpts_count     int  NOT NULL,
  date_precision text NOT NULL,
  covered_population_count bigint,
  covered_percent double precision,
  confidence     text NOT NULL,
  source         text NOT NULL,
  CONSTRAINT published_count_key PRIMARY KEY (scope, measure, counted_on, publisher),
  CONSTRAINT published_count_range CHECK (cpts_count >= 0),
  CONSTRAINT published_count_scope_shape
    CHECK (scope ~ '^(FR|region:[0-9A-Z]{2,3}|department:[0-9A-Z]{2,3})$'),
  CONSTRAINT published_count_precision_known
    CHECK (date_precision IN ('day', 'month', 'year', 'approx_date', 'not_stated')),
  CONSTRAINT published_count_percent_range CHECK (covered_percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE cpts.published_count
  IS 'Counts of CPTS as published, with their source; facts quoted, never counted here.';
COMMENT ON COLUMN cpts.published_count.scope
  IS 'FR, or region: or department: and the INSEE code.';
COMMENT ON COLUMN cpts.published_count.measure
  IS 'What is counted, in the words of the file: all_projects (every live stage), aci_signed, pre_project, intent_letter_validated, project_validated, atlas_total_without_pre_projects and others.';
COMMENT ON COLUMN cpts.published_count.counted_on IS 'Date it is true for, as exact as date_precision says.';
COMMENT ON COLUMN cpts.published_count.publisher IS 'Who published it; empty when the file does not tell.';
COMMENT ON COLUMN cpts.published_count.cpts_count IS 'CPTS counted, >= 0.';
COMMENT ON COLUMN cpts.published_count.date_precision
  IS 'day, month, year, approx_date, or not_stated.';
COMMENT ON COLUMN cpts.published_count.covered_population_count
  IS 'Inhabitants covered, published with it; NULL without.';
COMMENT ON COLUMN cpts.published_count.covered_percent
  IS 'Share of the population covered, percent, published with it; NULL without.';
COMMENT ON COLUMN cpts.published_count.confidence
  IS 'How far to trust it, in the words of the file: published, published_approx, sum_of_published, derived and so on; must be shown with the count.';
COMMENT ON COLUMN cpts.published_count.source IS 'Address or title of the text it was read in.';

GRANT SELECT ON cpts.published_count TO cpts_app;

COMMIT;
