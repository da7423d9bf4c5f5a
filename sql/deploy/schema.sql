-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:schema
-- Locks: none that a running node would wait for.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA cpts AUTHORIZATION cpts_owner;
COMMENT ON SCHEMA cpts IS 'The CPTS federation: registry, log, identities.';
GRANT USAGE ON SCHEMA cpts TO cpts_app;

SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.unix_us(moment timestamptz) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (extract(epoch FROM moment AT TIME ZONE 'UTC') * 1000000)::bigint;
COMMENT ON FUNCTION cpts.unix_us(timestamptz)
  IS 'Microseconds since 1970 UTC: the form in which rows carry an instant to the server.';

COMMIT;
