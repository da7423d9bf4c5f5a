-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:log
BEGIN;
SELECT local_position, origin_node, origin_position, epoch, aggregate_kind, aggregate_id, version,
       kind, recorded_at, actor, command_id, schema_version, lead_region, bytes, prev_hash, hash
  FROM cpts.change_log WHERE false;
SELECT principal, command_id, content_hash, aggregate_id, version, log_position
  FROM cpts.command WHERE false;
SELECT 1 / (count(*) = 2)::int FROM pg_class
  WHERE oid IN ('cpts.change_log'::regclass, 'cpts.command'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.change_log', 'UPDATE'))::int;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.change_log', 'DELETE'))::int;
SELECT cpts.log_begin('national'), cpts.log_head();
ROLLBACK;
