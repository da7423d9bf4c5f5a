-- SPDX-License-Identifier: Apache-2.0
-- The two roles of the product. Cluster-wide, hence outside the migrations of
-- one database. Run by a superuser before `sqitch deploy`; safe to run again.
--
--   cpts_owner  owns schema cpts; nobody logs in as it; it is not subject to
--               row-level security, so that cpts.log_begin() reads the true
--               head of the log whatever the caller's scope.
--   cpts_app    what cptsd logs in as; row-level security applies to it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cpts_owner') THEN
    CREATE ROLE cpts_owner NOLOGIN BYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cpts_app') THEN
    CREATE ROLE cpts_app LOGIN NOBYPASSRLS;
  END IF;
END
$$;
