-- SPDX-License-Identifier: Apache-2.0
-- Revokes a certificate; servers go by it within two seconds, on open
-- connections too. Safe to run again.
--   openssl x509 -in cert.pem -noout -serial
--   psql -v serial=1A2B… -v principal=spiffe://… -v reason='key lost' -f certificate_revoke.sql
\set ON_ERROR_STOP on
SET ROLE cpts_owner;
INSERT INTO cpts.certificate_revocation (serial, principal, reason)
  VALUES (upper(:'serial'), :'principal', :'reason')
  ON CONFLICT (serial) DO NOTHING;
