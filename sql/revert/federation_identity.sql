-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_identity
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.revocations_reported(text[]);
DROP FUNCTION cpts.identities_store(text, bytea, text[], text[], text[], text[], text[], text[],
  text[], text[]);
DROP FUNCTION cpts.identities_exchange(text, bytea, text[], text[], text[], int);
DROP FUNCTION cpts.revocations_take(text, text[], text[], text[]);
DROP TYPE cpts.identity_thing;
DROP FUNCTION cpts.roles_of_region(text);
DROP TABLE cpts.told_set;
DROP TABLE cpts.told_role;
DROP INDEX cpts.certificate_revocation_serial_idx;
ALTER TABLE cpts.certificate_revocation DROP COLUMN reported_at, DROP COLUMN told_by;
COMMIT;
