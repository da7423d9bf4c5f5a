-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:unit_old_name
-- Names of communes that are part of another one now: lists of real projects
-- still use them. Filled by reference/load.sql.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.unit_old_name (
  old_code  text COLLATE "C" NOT NULL,
  name      text NOT NULL,
  unit_code text COLLATE "C" NOT NULL,
  CONSTRAINT unit_old_name_key PRIMARY KEY (old_code),
  CONSTRAINT unit_old_name_unit_code_fk
    FOREIGN KEY (unit_code) REFERENCES cpts.territory_unit (code)
);
COMMENT ON TABLE cpts.unit_old_name
  IS 'Communes déléguées and associées: names within the commune that took over.';
COMMENT ON COLUMN cpts.unit_old_name.old_code
  IS 'Code it had; may be the code of the whole commune today.';
COMMENT ON COLUMN cpts.unit_old_name.name IS 'Name it had, and has within the commune.';
COMMENT ON COLUMN cpts.unit_old_name.unit_code IS 'Commune that it is in today.';

GRANT SELECT ON cpts.unit_old_name TO cpts_app;

COMMIT;
