-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:enrolment
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.certificate_renew(text, uuid, bytea, uuid, bytea, text, bytea, timestamptz,
  timestamptz, text);
DROP FUNCTION cpts.enrolment_use(bytea, uuid, bytea, bytea, text, bytea, timestamptz, timestamptz,
  text, bytea);
DROP FUNCTION cpts.certificate_again(text, uuid, bytea, uuid);
DROP FUNCTION cpts.enrolment_find(bytea);
DROP FUNCTION cpts.enrolment_obstacle(cpts.enrolment);
DROP FUNCTION cpts.identity_is_held(text);
DROP FUNCTION cpts.scope_conflict(text, text);
DROP TABLE cpts.certificate;
DROP TABLE cpts.enrolment;
DROP FUNCTION cpts.enrolment_state(timestamptz, timestamptz, timestamptz, timestamptz);
COMMIT;
