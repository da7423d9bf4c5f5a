-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:lifecycle
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP TABLE cpts.cpts_clock;
DROP TABLE cpts.cpts_filing;
DROP DOMAIN cpts.filing_state;
DROP TABLE cpts.cpts_milestone;
DROP TABLE cpts.cpts_document;
DROP TABLE cpts.cpts_identity;
DROP DOMAIN cpts.dossier_code;
ALTER TABLE cpts.cpts_stage DROP COLUMN evidence, DROP COLUMN document_ids, DROP COLUMN basis;
DROP DOMAIN cpts.stage_basis;
ALTER POLICY cpts_population_read ON cpts.cpts_population USING ((SELECT cpts.may_read()));
ALTER POLICY cpts_territory_read ON cpts.cpts_territory USING ((SELECT cpts.may_read()));
ALTER POLICY cpts_stage_insert ON cpts.cpts_stage
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
ALTER POLICY cpts_stage_read ON cpts.cpts_stage USING ((SELECT cpts.may_read()));
ALTER POLICY cpts_read ON cpts.cpts USING (cpts.may_read());
DROP FUNCTION cpts.is_shown(uuid);
ALTER TABLE cpts.cpts DROP COLUMN publication_set, DROP COLUMN published;
DROP FUNCTION cpts.may_decide(text, uuid, boolean);
CREATE OR REPLACE FUNCTION cpts.may_read() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.scope', true) <> '';
COMMENT ON FUNCTION cpts.may_read()
  IS 'A scope is set in this transaction. Registry facts are a directory that every identity reads; without a scope nothing is seen.';
ALTER TABLE cpts.principal_role
  DROP CONSTRAINT principal_role_public_scope,
  DROP CONSTRAINT principal_role_scope_shape;
UPDATE cpts.principal_role SET scope = 'read' WHERE scope = 'public';
ALTER TABLE cpts.principal_role
  ADD CONSTRAINT principal_role_scope_shape
    CHECK (scope ~ '^(\*|read|region:[0-9A-Z]{2,3}|cpts:[0-9a-f-]{36})$');
COMMENT ON COLUMN cpts.principal_role.scope
  IS 'What its commands may touch: * (all), region:<INSEE>, cpts:<uuid>, read (nothing).';
DROP TABLE cpts.clock_rule;
COMMIT;
