-- SPDX-License-Identifier: Apache-2.0
-- Gives an identity a role from today on; safe to run again.
--   psql -v uri=spiffe://… -v role=ARS_AGENT -v scope=region:11 -f principal_role_grant.sql
\set ON_ERROR_STOP on
SET ROLE cpts_owner;
INSERT INTO cpts.principal_role (principal, role, scope)
  SELECT :'uri', :'role', :'scope'
   WHERE NOT EXISTS (
     SELECT FROM cpts.principal_role p
      WHERE p.principal = :'uri' AND p.role = :'role' AND p.valid_to > current_date);
UPDATE cpts.principal_role SET scope = :'scope'
 WHERE principal = :'uri' AND role = :'role' AND valid_to > current_date AND scope <> :'scope';
