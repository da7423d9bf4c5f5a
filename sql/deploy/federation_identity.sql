-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_identity
-- Who of a region may call at its node. Certificates are of the federation's authority and roles are
-- given where it is, at the national node; the region's node is told those of its own people and
-- CPTS, the whole set each time it changed. Revocations go both ways.
-- Locks: cpts.certificate_revocation briefly, for columns; new tables.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.certificate_revocation
  ADD COLUMN told_by     text        NOT NULL DEFAULT '',
  ADD COLUMN reported_at timestamptz;
COMMENT ON COLUMN cpts.certificate_revocation.told_by IS 'Node that told it; empty: it was revoked here.';
COMMENT ON COLUMN cpts.certificate_revocation.reported_at
  IS 'When the node above was told; NULL: not yet, or it is of no concern to it.';
CREATE INDEX certificate_revocation_serial_idx ON cpts.certificate_revocation (serial)
  WHERE told_by = '' AND reported_at IS NULL;

CREATE TABLE cpts.told_role (
  principal  text NOT NULL,
  role       text NOT NULL,
  scope      text NOT NULL,
  valid_from date NOT NULL,
  valid_to   date NOT NULL,
  CONSTRAINT told_role_key PRIMARY KEY (principal, role, valid_from),
  CONSTRAINT told_role_dates CHECK (valid_from < valid_to),
  CONSTRAINT told_role_role_known CHECK (role IN ('ARS_AGENT', 'CPTS_COORDINATOR')),
  CONSTRAINT told_role_principal_shape
    CHECK (principal ~ '^spiffe://[^/]+/(user|cpts)/[0-9a-f-]{36}$'),
  CONSTRAINT told_role_scope_shape CHECK (scope ~ '^(region:[0-9A-Z]{2,3}|cpts:[0-9a-f-]{36})$')
);
COMMENT ON TABLE cpts.told_role
  IS 'Roles of people and CPTS of this node''s region as the national node told them, replaced as a whole. Whoever has a role in cpts.principal_role has that one here.';
COMMENT ON COLUMN cpts.told_role.principal IS 'The one URI SAN of the certificate.';
COMMENT ON COLUMN cpts.told_role.role IS 'ARS_AGENT or CPTS_COORDINATOR: who operates this node is its region''s affair.';
COMMENT ON COLUMN cpts.told_role.scope IS 'As cpts.principal_role.scope, of this region.';
COMMENT ON COLUMN cpts.told_role.valid_from IS 'First date on which it counts.';
COMMENT ON COLUMN cpts.told_role.valid_to IS 'First date on which it no longer does.';

CREATE TABLE cpts.told_set (
  is_one  boolean     NOT NULL DEFAULT true,
  hash    cpts.sha256 NOT NULL,
  told_at timestamptz NOT NULL,
  CONSTRAINT told_set_key PRIMARY KEY (is_one),
  CONSTRAINT told_set_one CHECK (is_one)
);
COMMENT ON TABLE cpts.told_set IS 'Which set of roles and revocations was told last; no row: none.';
COMMENT ON COLUMN cpts.told_set.is_one IS 'True.';
COMMENT ON COLUMN cpts.told_set.hash IS 'SHA-256 of the set, as the national node told it.';
COMMENT ON COLUMN cpts.told_set.told_at IS 'When it was stored.';

CREATE FUNCTION cpts.roles_of_region(of_region text)
  RETURNS TABLE (principal text, role text, scope text, valid_from date, valid_to date)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT p.principal, p.role, p.scope, p.valid_from, p.valid_to
    FROM cpts.principal_role p
   WHERE p.role IN ('ARS_AGENT', 'CPTS_COORDINATOR') AND p.valid_to > current_date
     AND p.principal ~ '^spiffe://[^/]+/(user|cpts)/[0-9a-f-]{36}$'
     AND (p.scope = 'region:' || of_region
          OR p.scope IN (SELECT 'cpts:' || c.cpts_id FROM cpts.cpts c
                          WHERE c.lead_region = of_region));
END;
COMMENT ON FUNCTION cpts.roles_of_region(text)
  IS 'Roles of the people and CPTS of a region, today''s and later ones.';

CREATE TYPE cpts.identity_thing AS (
  what text, principal text, word text, detail text, valid_from text, valid_to text, hash bytea,
  count bigint
);
COMMENT ON TYPE cpts.identity_thing
  IS 'A thing told of identities: H head, R role, C revoked certificate. Columns: sql/query/identities_exchange.sql.';

CREATE FUNCTION cpts.revocations_take(of_node text, serials text[], principals text[],
    reasons text[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  refused text[];
BEGIN
  WITH told AS MATERIALIZED (
    SELECT t.serial, coalesce(c.principal, t.principal) AS principal, t.reason,
           EXISTS (SELECT FROM cpts.roles_of_region(substr(of_node, 8)) r
                    WHERE r.principal = c.principal)
             OR c.principal LIKE 'spiffe://%/node/' || of_node AS is_own
      FROM unnest(serials, principals, reasons) t (serial, principal, reason)
      LEFT JOIN cpts.certificate c ON c.serial = t.serial
  ), taken AS (
    INSERT INTO cpts.certificate_revocation (serial, principal, reason, told_by)
      SELECT t.serial, t.principal, t.reason, of_node FROM told t WHERE t.is_own
      ON CONFLICT (serial) DO NOTHING
  )
  SELECT array_agg(t.serial) INTO refused FROM told t
   WHERE t.is_own IS NOT TRUE
     AND NOT EXISTS (SELECT FROM cpts.certificate_revocation r WHERE r.serial = t.serial);
  IF cardinality(refused) > 0 THEN
    PERFORM cpts.sync_alarm(of_node, 'REVOCATION_REFUSED', '',
      'of nobody of that region: ' || array_to_string(refused, ' '));
  END IF;
  RETURN coalesce(cardinality(refused), 0);
END
$$;
COMMENT ON FUNCTION cpts.revocations_take(text, text[], text[], text[])
  IS 'Believes a region''s node that certificates of its own people are revoked; of others it is an alarm. Gives how many.';

CREATE FUNCTION cpts.identities_exchange(of_node text, known bytea, serials text[],
    principals text[], reasons text[], most int) RETURNS SETOF cpts.identity_thing
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog SET datestyle = 'ISO'
AS $$
DECLARE
  node_status text := (SELECT n.status FROM cpts.node n WHERE n.name = of_node);
  things      cpts.identity_thing[];
  set_hash    bytea;
  refused     bigint;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM 'region:' || substr(of_node, 8) THEN
    node_status := NULL;
  END IF;
  IF node_status IS DISTINCT FROM 'ENROLLED' THEN
    RETURN NEXT ROW('H', NULL, CASE node_status WHEN 'SUSPENDED' THEN 'NODE_SUSPENDED'
                                 ELSE 'NODE_UNKNOWN' END,
                    NULL, NULL, NULL, NULL, 0)::cpts.identity_thing;
    RETURN;
  END IF;
  refused := cpts.revocations_take(of_node, serials, principals, reasons);
  things := ARRAY(
    SELECT t FROM (
      SELECT ROW('R', r.principal, r.role, r.scope, r.valid_from::text,
                 CASE r.valid_to WHEN 'infinity' THEN '' ELSE r.valid_to::text END, NULL,
                 0)::cpts.identity_thing AS t
        FROM cpts.roles_of_region(substr(of_node, 8)) r
      UNION ALL
      SELECT ROW('C', r.principal, r.serial, r.reason, NULL, NULL, NULL, 0)::cpts.identity_thing
        FROM cpts.certificate_revocation r
        LEFT JOIN cpts.certificate c ON c.serial = r.serial
       WHERE c.serial IS NULL OR c.not_after > now()) listed
     ORDER BY t::text COLLATE "C");
  set_hash := sha256(convert_to(array_to_string(ARRAY(SELECT t::text FROM unnest(things) t), E'\n'),
                                'UTF8'));
  RETURN NEXT ROW('H', NULL, CASE WHEN cardinality(things) > most THEN 'MESSAGE_TOO_LARGE'
                                  WHEN set_hash = known THEN 'UNCHANGED' ELSE 'OK' END,
                  NULL, NULL, NULL, set_hash, refused)::cpts.identity_thing;
  IF set_hash <> known AND cardinality(things) <= most THEN
    RETURN QUERY SELECT t.* FROM unnest(things) t;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.identities_exchange(text, bytea, text[], text[], text[], int)
  IS 'What the national node tells a region''s node of who may call there, and takes of its revocations: sql/query/identities_exchange.sql. SECURITY DEFINER: cpts_app writes no revocation by itself, and the node sees no other''s certificates.';

CREATE FUNCTION cpts.identities_store(this_node text, set_hash bytea, role_principals text[],
    roles text[], scopes text[], froms text[], untils text[], serials text[],
    serial_principals text[], reasons text[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  refused bigint;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'a node stores what it was told';
  END IF;
  DELETE FROM cpts.told_role;
  WITH told AS MATERIALIZED (
    SELECT t.principal, t.role, t.scope, t.valid_from, t.valid_to,
           t.scope = 'region:' || substr(this_node, 8)
             OR t.scope LIKE 'cpts:%' AND NOT EXISTS (
                  SELECT FROM cpts.cpts c WHERE 'cpts:' || c.cpts_id = t.scope
                    AND c.lead_region <> substr(this_node, 8)) AS is_own
      FROM unnest(role_principals, roles, scopes, froms, untils)
           t (principal, role, scope, valid_from, valid_to)
  ), stored AS (
    INSERT INTO cpts.told_role (principal, role, scope, valid_from, valid_to)
      SELECT t.principal, t.role, t.scope, t.valid_from::date,
             CASE t.valid_to WHEN '' THEN date 'infinity' ELSE t.valid_to::date END
        FROM told t WHERE t.is_own
      ON CONFLICT DO NOTHING
  )
  SELECT count(*) INTO refused FROM told t WHERE NOT t.is_own;
  INSERT INTO cpts.certificate_revocation (serial, principal, reason, told_by)
    SELECT t.serial, t.principal, t.reason, 'national'
      FROM unnest(serials, serial_principals, reasons) t (serial, principal, reason)
    ON CONFLICT (serial) DO NOTHING;
  INSERT INTO cpts.told_set AS s (hash, told_at) VALUES (set_hash, clock_timestamp())
    ON CONFLICT (is_one) DO UPDATE SET hash = excluded.hash, told_at = excluded.told_at;
  IF refused > 0 THEN
    PERFORM cpts.sync_alarm('national', 'OUT_OF_SCOPE', '',
      format('%s roles of another region were told', refused));
  END IF;
  RETURN refused;
END
$$;
COMMENT ON FUNCTION cpts.identities_store(text, bytea, text[], text[], text[], text[], text[], text[], text[], text[])
  IS 'Replaces what this node was told of who may call here; revocations are never taken back. Roles of another region are an alarm. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.revocations_reported(told text[]) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  ret bigint;
BEGIN
  UPDATE cpts.certificate_revocation r SET reported_at = clock_timestamp()
   WHERE r.serial = ANY (told) AND r.told_by = '' AND r.reported_at IS NULL
     AND current_setting('app.scope', true) = '*';
  GET DIAGNOSTICS ret = ROW_COUNT;
  RETURN ret;
END
$$;
COMMENT ON FUNCTION cpts.revocations_reported(text[])
  IS 'The node above was told of these. SECURITY DEFINER, for the node itself (scope *) alone.';

REVOKE EXECUTE ON FUNCTION cpts.roles_of_region(text),
  cpts.revocations_take(text, text[], text[], text[]),
  cpts.identities_exchange(text, bytea, text[], text[], text[], int),
  cpts.identities_store(text, bytea, text[], text[], text[], text[], text[], text[], text[], text[]),
  cpts.revocations_reported(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.identities_exchange(text, bytea, text[], text[], text[], int),
  cpts.identities_store(text, bytea, text[], text[], text[], text[], text[], text[], text[], text[]),
  cpts.revocations_reported(text[]) TO cpts_app;
GRANT SELECT ON cpts.told_role, cpts.told_set TO cpts_app;

COMMIT;
