-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:identity
-- Who the nodes are, who may call in which role, and what a scope may touch.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.node (
  name    text NOT NULL,
  address text NOT NULL,
  CONSTRAINT node_key PRIMARY KEY (name),
  CONSTRAINT node_name_shape CHECK (name ~ '^(national|region/[0-9A-Z]{2,3})$')
);
COMMENT ON TABLE cpts.node IS 'Nodes of the federation.';
COMMENT ON COLUMN cpts.node.name IS 'national, or region/ and the INSEE code.';
COMMENT ON COLUMN cpts.node.address IS 'host:port at which the node answers, told to callers by NOT_OWNER; empty where it is not known.';

CREATE TABLE cpts.region_owner (
  region text NOT NULL,
  node   text NOT NULL,
  epoch  int  NOT NULL,
  CONSTRAINT region_owner_key PRIMARY KEY (region),
  CONSTRAINT region_owner_epoch_range CHECK (epoch >= 1),
  CONSTRAINT region_owner_node_fk FOREIGN KEY (node) REFERENCES cpts.node (name)
);
COMMENT ON TABLE cpts.region_owner
  IS 'Node that owns a region''s new records. Without a row it is the national node, epoch 1: until a region enrols, the national node serves its CPTS.';
COMMENT ON COLUMN cpts.region_owner.region IS 'INSEE code.';
COMMENT ON COLUMN cpts.region_owner.node IS 'Owner of what is registered there from now on.';
COMMENT ON COLUMN cpts.region_owner.epoch IS 'Epoch of that ownership, from 1.';

CREATE TABLE cpts.principal_role (
  principal  text NOT NULL,
  role       text NOT NULL,
  scope      text NOT NULL,
  valid_from date NOT NULL DEFAULT current_date,
  valid_to   date NOT NULL DEFAULT 'infinity',
  CONSTRAINT principal_role_key PRIMARY KEY (principal, role, valid_from),
  CONSTRAINT principal_role_dates CHECK (valid_from < valid_to),
  CONSTRAINT principal_role_role_known CHECK (role IN ('NATIONAL_NODE', 'REGION_NODE',
    'DGOS_ANALYST', 'ARS_AGENT', 'CPTS_COORDINATOR', 'OPERATOR', 'PUBLIC')),
  CONSTRAINT principal_role_principal_shape CHECK (principal ~ '^spiffe://[^/]+/.+$'),
  CONSTRAINT principal_role_scope_shape
    CHECK (scope ~ '^(\*|read|region:[0-9A-Z]{2,3}|cpts:[0-9a-f-]{36})$')
);
COMMENT ON TABLE cpts.principal_role IS 'Roles of an identity, dated. One scope for all roles of a principal.';
COMMENT ON COLUMN cpts.principal_role.role IS 'Name of a role of server/base/principal.h.';
COMMENT ON COLUMN cpts.principal_role.valid_from IS 'First date on which it counts.';
COMMENT ON COLUMN cpts.principal_role.valid_to IS 'First date on which it no longer does.';
COMMENT ON COLUMN cpts.principal_role.principal IS 'The one URI SAN of the certificate.';
COMMENT ON COLUMN cpts.principal_role.scope
  IS 'What its commands may touch: * (all), region:<INSEE>, cpts:<uuid>, read (nothing).';

CREATE FUNCTION cpts.may_read() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.scope', true) <> '';
COMMENT ON FUNCTION cpts.may_read()
  IS 'A scope is set in this transaction. Registry facts are a directory that every identity reads; without a scope nothing is seen.';

CREATE FUNCTION cpts.may_write(lead_region text, cpts_id uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE current_setting('app.scope', true)
           WHEN '*' THEN true
           WHEN 'region:' || lead_region THEN true
           WHEN 'cpts:' || cpts_id::text THEN true
           ELSE false END;
COMMENT ON FUNCTION cpts.may_write(text, uuid)
  IS 'The scope of this transaction may change a CPTS of that lead region. Used by the policies and by the commands, which refuse before a policy has to.';

CREATE FUNCTION cpts.node_and_address(node text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN concat_ws(' ', node, (SELECT nullif(n.address, '') FROM cpts.node n WHERE n.name = node));
COMMENT ON FUNCTION cpts.node_and_address(text)
  IS 'What NOT_OWNER tells: the node, and its address where one is known. A function, so that the commands that need it not do not pay for a join.';

GRANT SELECT ON cpts.node TO cpts_app;
GRANT SELECT ON cpts.region_owner TO cpts_app;
GRANT SELECT ON cpts.principal_role TO cpts_app;

COMMIT;
