-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:enrolment
-- Who may come and get a certificate, and the certificates that were given.
-- What a stranger causes (a role, a certificate) is written by functions that run as
-- their owner and judge by the token's hash: cpts_app cannot give a role otherwise.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.enrolment (
  enrolment_id       uuid        NOT NULL,
  version            int         NOT NULL,
  token_hash         cpts.sha256 NOT NULL,
  principal          text        NOT NULL,
  roles              text[]      NOT NULL,
  scope              text        NOT NULL,
  lead_region        text        NOT NULL,
  note               text        NOT NULL,
  replaces           boolean     NOT NULL,
  created_by         text        NOT NULL,
  created_at         timestamptz NOT NULL,
  expires_at         timestamptz NOT NULL,
  used_at            timestamptz,
  certificate_serial text        COLLATE "C",
  revoked_at         timestamptz,
  revoked_reason     text        NOT NULL DEFAULT '',
  node_address       text        NOT NULL DEFAULT '',
  CONSTRAINT enrolment_key PRIMARY KEY (enrolment_id),
  CONSTRAINT enrolment_token UNIQUE (token_hash),
  CONSTRAINT enrolment_version_range CHECK (version >= 1),
  CONSTRAINT enrolment_principal_shape CHECK (principal
    ~ '^spiffe://[^/]+/((cpts|user)/[0-9a-f-]{36}|node/region/[0-9A-Z]{2,3})$'),
  CONSTRAINT enrolment_roles_known CHECK (cardinality(roles) BETWEEN 1 AND 4
    AND roles <@ '{DGOS_ANALYST,ARS_AGENT,CPTS_COORDINATOR,OPERATOR,REGION_NODE}'),
  CONSTRAINT enrolment_node CHECK ((principal LIKE 'spiffe://%/node/%') = (roles = '{REGION_NODE}')
    AND (principal LIKE 'spiffe://%/node/%') = (node_address <> '')),
  CONSTRAINT enrolment_scope_shape CHECK (scope ~ '^(\*|read|region:[0-9A-Z]{2,3}|cpts:[0-9a-f-]{36})$'),
  CONSTRAINT enrolment_note_length CHECK (char_length(note) <= 200),
  CONSTRAINT enrolment_life CHECK (expires_at > created_at
    AND expires_at <= created_at + interval '720 hours'),
  CONSTRAINT enrolment_used_once CHECK ((used_at IS NULL) = (certificate_serial IS NULL)),
  CONSTRAINT enrolment_one_end CHECK (used_at IS NULL OR revoked_at IS NULL),
  CONSTRAINT enrolment_revoked_reason_length
    CHECK ((revoked_at IS NOT NULL) = (char_length(revoked_reason) BETWEEN 1 AND 200))
);
COMMENT ON TABLE cpts.enrolment IS 'Who may come, with a token for one use of which only a hash is kept.';
COMMENT ON COLUMN cpts.enrolment.enrolment_id IS 'UUIDv7, made by the node.';
COMMENT ON COLUMN cpts.enrolment.version IS '1, and 2 once it was used or revoked.';
COMMENT ON COLUMN cpts.enrolment.token_hash IS 'SHA-256 of the token''s secret.';
COMMENT ON COLUMN cpts.enrolment.principal IS 'Identity that is given: a SPIFFE URI of a CPTS, a user or a regional node.';
COMMENT ON COLUMN cpts.enrolment.roles IS 'Roles it is given with the certificate.';
COMMENT ON COLUMN cpts.enrolment.scope IS 'Scope of all of them, as cpts.principal_role.scope.';
COMMENT ON COLUMN cpts.enrolment.lead_region
  IS 'INSEE code of the region that leads the CPTS of the scope, when it was made; empty for any other scope, which is the nation''s to give.';
COMMENT ON COLUMN cpts.enrolment.note IS 'For people; may be empty.';
COMMENT ON COLUMN cpts.enrolment.replaces
  IS 'Whoever comes takes the place of who has the identity: the certificates given to it before are revoked then.';
COMMENT ON COLUMN cpts.enrolment.created_by IS 'Identity that made it.';
COMMENT ON COLUMN cpts.enrolment.created_at IS 'When it was made.';
COMMENT ON COLUMN cpts.enrolment.expires_at IS 'From then on its token is refused; at most 720 hours later.';
COMMENT ON COLUMN cpts.enrolment.used_at IS 'When the token was used; NULL before.';
COMMENT ON COLUMN cpts.enrolment.certificate_serial IS 'Serial number of the certificate given for it; NULL before.';
COMMENT ON COLUMN cpts.enrolment.revoked_at IS 'When it was taken back; NULL else.';
COMMENT ON COLUMN cpts.enrolment.revoked_reason IS 'Why, for people; empty else.';
COMMENT ON COLUMN cpts.enrolment.node_address IS 'host:port at which a node will answer; empty for all others.';

CREATE TABLE cpts.certificate (
  serial     text        COLLATE "C" NOT NULL,
  principal  text        NOT NULL,
  command_id uuid        NOT NULL,
  key_hash   cpts.sha256 NOT NULL,
  not_before timestamptz NOT NULL,
  not_after  timestamptz NOT NULL,
  pem        text        NOT NULL,
  issued_at  timestamptz NOT NULL,
  CONSTRAINT certificate_key PRIMARY KEY (serial),
  CONSTRAINT certificate_command UNIQUE (principal, command_id),
  CONSTRAINT certificate_serial_shape CHECK (serial ~ '^[0-9A-F]{2,64}$'),
  CONSTRAINT certificate_life CHECK (not_before < not_after
    AND not_after <= not_before + interval '91 days'),
  CONSTRAINT certificate_pem_shape CHECK (pem LIKE '-----BEGIN CERTIFICATE-----%'
    AND octet_length(pem) <= 65536)
);
COMMENT ON TABLE cpts.certificate IS 'Certificates that this node signed. Public: a key is in none of them.';
COMMENT ON COLUMN cpts.certificate.serial IS 'Serial number, upper-case hexadecimal.';
COMMENT ON COLUMN cpts.certificate.principal IS 'Identity that it names.';
COMMENT ON COLUMN cpts.certificate.command_id IS 'Command that asked for it: the same one gets it again.';
COMMENT ON COLUMN cpts.certificate.key_hash IS 'SHA-256 of its public key (SubjectPublicKeyInfo).';
COMMENT ON COLUMN cpts.certificate.not_before IS 'Since when it is valid.';
COMMENT ON COLUMN cpts.certificate.not_after IS 'Until when.';
COMMENT ON COLUMN cpts.certificate.pem IS 'It, and those between it and the root.';
COMMENT ON COLUMN cpts.certificate.issued_at IS 'When it was signed.';

ALTER TABLE cpts.enrolment ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.enrolment FORCE ROW LEVEL SECURITY;
CREATE POLICY enrolment_read ON cpts.enrolment FOR SELECT
  USING (cpts.may_write(lead_region, enrolment_id));
CREATE POLICY enrolment_insert ON cpts.enrolment FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, enrolment_id) AND used_at IS NULL);
CREATE POLICY enrolment_update ON cpts.enrolment FOR UPDATE
  USING (cpts.may_write(lead_region, enrolment_id) AND used_at IS NULL);
ALTER TABLE cpts.certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY certificate_read ON cpts.certificate FOR SELECT
  USING (current_setting('app.scope', true) = '*');

CREATE FUNCTION cpts.enrolment_state(used_at timestamptz, revoked_at timestamptz,
    expires_at timestamptz, moment timestamptz) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN used_at IS NOT NULL THEN 'USED' WHEN revoked_at IS NOT NULL THEN 'REVOKED'
              WHEN expires_at <= moment THEN 'EXPIRED' ELSE 'OPEN' END;
COMMENT ON FUNCTION cpts.enrolment_state(timestamptz, timestamptz, timestamptz, timestamptz)
  IS 'What becomes of an enrolment, at a moment.';

CREATE FUNCTION cpts.scope_conflict(identity text, wanted text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN (SELECT min(p.scope) FROM cpts.principal_role p
           WHERE p.principal = identity AND p.valid_to > current_date AND p.scope <> wanted);
COMMENT ON FUNCTION cpts.scope_conflict(text, text)
  IS 'Another scope that an identity has, or will have; NULL without. One scope holds for all roles of an identity.';

CREATE FUNCTION cpts.identity_is_held(identity text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN EXISTS (SELECT FROM cpts.principal_role p
                  WHERE p.principal = identity AND p.valid_to > current_date)
         OR EXISTS (SELECT FROM cpts.certificate c
                     WHERE c.principal = identity AND c.not_after > now()
                       AND NOT EXISTS (SELECT FROM cpts.certificate_revocation r
                                        WHERE r.serial = c.serial));
COMMENT ON FUNCTION cpts.identity_is_held(text)
  IS 'Somebody has that identity: it has a role, or a certificate that is valid. SECURITY DEFINER: row-level security shows certificates to the nation only.';

CREATE FUNCTION cpts.enrolment_obstacle(found_row cpts.enrolment) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  c record;
BEGIN
  IF NOT found_row.replaces AND cpts.identity_is_held(found_row.principal) THEN
    RETURN 'IDENTITY_IS_HELD';
  ELSIF found_row.scope NOT LIKE 'cpts:%' THEN
    RETURN NULL;
  END IF;
  SELECT t.stage, coalesce(t.lead_region, '') AS lead_region INTO c
    FROM cpts.cpts t WHERE t.cpts_id = substr(found_row.scope, 6)::uuid;
  RETURN CASE WHEN c.stage IS NULL THEN 'CPTS_NOT_FOUND'
              WHEN c.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                THEN 'CPTS_ENDED ' || c.stage
              WHEN c.lead_region <> found_row.lead_region THEN 'OUT_OF_SCOPE' END;
END
$$;
COMMENT ON FUNCTION cpts.enrolment_obstacle(cpts.enrolment)
  IS 'What changed since that enrolment was made, so that nobody comes by it: somebody has the identity whom it does not replace, the CPTS ended or is led by another region. The reason and a detail; NULL: nothing.';

CREATE FUNCTION cpts.enrolment_find(hash bytea,
    OUT enrolment_id uuid, OUT principal text, OUT state text, OUT used_command uuid,
    OUT node_address text)
  RETURNS SETOF record
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT e.enrolment_id, e.principal,
         cpts.enrolment_state(e.used_at, e.revoked_at, e.expires_at, now()), c.command_id,
         e.node_address
    FROM cpts.enrolment e
    LEFT JOIN cpts.certificate c ON c.serial = e.certificate_serial
   WHERE e.token_hash = hash;
END;
COMMENT ON FUNCTION cpts.enrolment_find(bytea)
  IS 'The enrolment of a token, for whoever shows it, before they are anybody. SECURITY DEFINER: row-level security shows a stranger nothing.';

CREATE FUNCTION cpts.certificate_again(identity text, command uuid, hash bytea, aggregate uuid,
    OUT outcome text, OUT version int, OUT log_position bigint, OUT pem text, OUT serial text,
    OUT not_after timestamptz)
  RETURNS SETOF record
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT CASE WHEN c.content_hash = hash AND f.serial IS NOT NULL
                   AND coalesce(aggregate, c.aggregate_id) = c.aggregate_id
              THEN 'REPLAYED' ELSE 'COMMAND_ID_REUSED' END,
         c.version, c.log_position, f.pem, f.serial, f.not_after
    FROM cpts.command c
    LEFT JOIN cpts.certificate f ON f.principal = c.principal AND f.command_id = c.command_id
   WHERE c.principal = identity AND c.command_id = command;
END;
COMMENT ON FUNCTION cpts.certificate_again(text, uuid, bytea, uuid)
  IS 'What a command of that identity and id led to: the certificate once more, or COMMAND_ID_REUSED; nothing when there was none. SECURITY DEFINER: a stranger has no commands of their own.';
REVOKE EXECUTE ON FUNCTION cpts.certificate_again(text, uuid, bytea, uuid) FROM PUBLIC;

CREATE FUNCTION cpts.enrolment_use(hash bytea, command uuid, content bytea, change bytea,
    signed_serial text, signed_key bytea, signed_from timestamptz, signed_to timestamptz,
    signed_pem text, checkpoint_key bytea,
    OUT outcome text, OUT enrolment_id uuid, OUT version int, OUT log_position bigint,
    OUT detail text, OUT pem text, OUT serial text, OUT not_after timestamptz,
    OUT node_epoch int)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  found_row cpts.enrolment;
  node_name text;
BEGIN
  SELECT * INTO found_row FROM cpts.enrolment e WHERE e.token_hash = hash;
  IF NOT FOUND THEN
    outcome := 'ENROLMENT_TOKEN_INVALID';
    RETURN;
  END IF;
  enrolment_id := found_row.enrolment_id;
  node_name := substr(found_row.principal, strpos(found_row.principal, '/node/') + 6);
  SELECT a.outcome, a.version, a.log_position, a.pem, a.serial, a.not_after
    INTO outcome, version, log_position, pem, serial, not_after
    FROM cpts.certificate_again(found_row.principal, command, content, found_row.enrolment_id) a;
  IF FOUND THEN
    IF found_row.node_address <> '' THEN
      SELECT n.epoch INTO node_epoch FROM cpts.node n WHERE n.name = node_name;
    END IF;
    RETURN;
  END IF;
  detail := cpts.scope_conflict(found_row.principal, found_row.scope);
  outcome := CASE cpts.enrolment_state(found_row.used_at, found_row.revoked_at,
                                       found_row.expires_at, cpts.log_now())
               WHEN 'USED' THEN 'ENROLMENT_USED' WHEN 'REVOKED' THEN 'ENROLMENT_REVOKED'
               WHEN 'EXPIRED' THEN 'ENROLMENT_EXPIRED'
               ELSE CASE WHEN detail IS NOT NULL THEN 'IDENTITY_SCOPE_CONFLICT'
                         ELSE coalesce(cpts.enrolment_obstacle(found_row), 'OK') END END;
  IF outcome <> 'OK' THEN
    detail := CASE outcome WHEN 'IDENTITY_SCOPE_CONFLICT' THEN detail
                           ELSE coalesce(nullif(split_part(outcome, ' ', 2), ''),
                                         found_row.certificate_serial, '') END;
    outcome := split_part(outcome, ' ', 1);
    RETURN;
  END IF;
  version := found_row.version + 1;
  serial := signed_serial;
  pem := signed_pem;
  not_after := signed_to;
  INSERT INTO cpts.certificate_revocation (serial, principal, reason)
    SELECT c.serial, c.principal, 'replaced by enrolment ' || found_row.enrolment_id
      FROM cpts.certificate c
     WHERE found_row.replaces AND c.principal = found_row.principal
       AND c.not_after > cpts.log_now()
    ON CONFLICT DO NOTHING;
  INSERT INTO cpts.certificate (serial, principal, command_id, key_hash, not_before, not_after, pem,
      issued_at)
    VALUES (signed_serial, found_row.principal, command, signed_key, signed_from, signed_to,
      signed_pem, cpts.log_now());
  UPDATE cpts.enrolment e
     SET version = e.version + 1, used_at = cpts.log_now(), certificate_serial = signed_serial
   WHERE e.enrolment_id = found_row.enrolment_id;
  INSERT INTO cpts.principal_role (principal, role, scope)
    SELECT found_row.principal, r.role, found_row.scope
      FROM unnest(found_row.roles) r (role)
     WHERE NOT EXISTS (SELECT FROM cpts.principal_role p
                        WHERE p.principal = found_row.principal AND p.role = r.role
                          AND p.valid_to > current_date);
  IF found_row.node_address <> '' THEN
    PERFORM cpts.node_enrol(node_name, found_row.node_address, checkpoint_key);
    SELECT n.epoch INTO node_epoch FROM cpts.node n WHERE n.name = node_name;
  END IF;
  log_position := cpts.log_append('ENROLMENT', found_row.enrolment_id, version, 1,
    'ENROLMENT_USED', found_row.lead_region, change, found_row.principal, command, content);
END
$$;
COMMENT ON FUNCTION cpts.enrolment_use(bytea, uuid, bytea, bytea, text, bytea, timestamptz, timestamptz, text, bytea)
  IS 'Uses a token: keeps the certificate that was signed for its identity and gives its roles, or says why not; a node is enrolled with its checkpoint key (cpts.node_enrol()) and told its epoch; the command repeated gets what it got. SECURITY DEFINER: a stranger writes nothing else, and cpts_app gives no role by itself.';

CREATE FUNCTION cpts.certificate_renew(identity text, command uuid, content bytea, aggregate uuid,
    change bytea, signed_serial text, signed_key bytea, signed_from timestamptz,
    signed_to timestamptz, signed_pem text,
    OUT outcome text, OUT certificate_id uuid, OUT version int, OUT log_position bigint,
    OUT detail text, OUT pem text, OUT serial text, OUT not_after timestamptz)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  certificate_id := aggregate;
  IF identity IS DISTINCT FROM current_setting('app.principal', true) THEN
    outcome := 'OUT_OF_SCOPE';
    RETURN;
  END IF;
  SELECT a.outcome, a.version, a.log_position, a.pem, a.serial, a.not_after
    INTO outcome, version, log_position, pem, serial, not_after
    FROM cpts.certificate_again(identity, command, content, NULL) a;
  IF FOUND THEN
    RETURN;
  END IF;
  outcome := 'OK';
  version := 1;
  serial := signed_serial;
  pem := signed_pem;
  not_after := signed_to;
  INSERT INTO cpts.certificate (serial, principal, command_id, key_hash, not_before, not_after, pem,
      issued_at)
    VALUES (signed_serial, identity, command, signed_key, signed_from, signed_to, signed_pem,
      cpts.log_now());
  log_position := cpts.log_append('CERTIFICATE', aggregate, version, 1, 'CERTIFICATE_RENEWED', '',
    change, identity, command, content);
END
$$;
COMMENT ON FUNCTION cpts.certificate_renew(text, uuid, bytea, uuid, bytea, text, bytea, timestamptz, timestamptz, text)
  IS 'Keeps a further certificate of the identity that calls; the command repeated gets what it got. SECURITY DEFINER: whoever may read only may renew, too, and its entry in the log is for the nation.';

REVOKE EXECUTE ON FUNCTION cpts.scope_conflict(text, text), cpts.enrolment_find(bytea),
  cpts.identity_is_held(text), cpts.enrolment_obstacle(cpts.enrolment),
  cpts.enrolment_use(bytea, uuid, bytea, bytea, text, bytea, timestamptz, timestamptz, text, bytea),
  cpts.certificate_renew(text, uuid, bytea, uuid, bytea, text, bytea, timestamptz, timestamptz, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.scope_conflict(text, text), cpts.enrolment_find(bytea),
  cpts.identity_is_held(text),
  cpts.enrolment_use(bytea, uuid, bytea, bytea, text, bytea, timestamptz, timestamptz, text, bytea),
  cpts.certificate_renew(text, uuid, bytea, uuid, bytea, text, bytea, timestamptz, timestamptz, text)
  TO cpts_app;
GRANT SELECT, INSERT ON cpts.enrolment TO cpts_app;
GRANT UPDATE (version, revoked_at, revoked_reason) ON cpts.enrolment TO cpts_app;
GRANT SELECT ON cpts.certificate TO cpts_app;

COMMIT;
