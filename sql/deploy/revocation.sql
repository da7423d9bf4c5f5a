-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:revocation
-- Certificates that are no longer believed, by serial number.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.certificate_revocation (
  serial     text        COLLATE "C" NOT NULL,
  principal  text        NOT NULL DEFAULT '',
  reason     text        NOT NULL,
  revoked_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT certificate_revocation_key PRIMARY KEY (serial),
  CONSTRAINT certificate_revocation_serial_shape CHECK (serial ~ '^[0-9A-F]{2,64}$')
);
COMMENT ON TABLE cpts.certificate_revocation
  IS 'Revoked certificates of the federation''s CA. A row is never deleted before the certificate has expired.';
COMMENT ON COLUMN cpts.certificate_revocation.revoked_at IS 'When; servers go by it within two seconds.';
COMMENT ON COLUMN cpts.certificate_revocation.serial
  IS 'Serial number in upper-case hexadecimal, as `openssl x509 -serial` prints it.';
COMMENT ON COLUMN cpts.certificate_revocation.principal IS 'Identity it was issued to, for people; may be empty.';
COMMENT ON COLUMN cpts.certificate_revocation.reason IS 'Why, for people: key lost, role ended.';

GRANT SELECT ON cpts.certificate_revocation TO cpts_app;

COMMIT;
