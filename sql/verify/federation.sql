-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation
BEGIN;
SELECT name, address, status, epoch, checkpoint_key, enrolled_at, suspended_at
  FROM cpts.node WHERE false;
SELECT origin_recorded_at FROM cpts.change_log WHERE false;
SELECT is_self, name, epoch, read_only, restored_from, lost_after, stored_at FROM cpts.node_self WHERE false;
SELECT peer, epoch, position, head, scope_hash, schema_version, origin_position, origin_hash,
       stored_at, acknowledged_position, acknowledged_at
  FROM cpts.sync_cursor WHERE false;
SELECT origin_node, last_position, first_position, hash FROM cpts.sync_withheld WHERE false;
SELECT peer, snapshot_id, chunk, item, aggregate_kind, aggregate_id, version, epoch, owner_node,
       lead_region, public_only, kinds, recorded_from, recorded_to, bodies,
       refusal
  FROM cpts.sync_staged WHERE false;
SELECT node, position, hash, signed_at, signature, key_id, kept_at
  FROM cpts.sync_checkpoint WHERE false;
SELECT parked_id, peer, aggregate_kind, aggregate_id, reason, detail, version, epoch, owner_node,
       lead_region, told, times, parked_at, last_at, retry_wanted, rejected_at, rejected_by,
       rejected_reason
  FROM cpts.parked_aggregate WHERE false;
SELECT alarm_id, peer, alarm, aggregate, detail, times, first_at, last_at, cleared_at, cleared_by
  FROM cpts.federation_alarm WHERE false;
SELECT origin_node, origin_position, hash, peer, reason, epoch, aggregate_kind, aggregate_id,
       version, kind, recorded_at, actor, command_id, schema_version, lead_region, bytes,
       prev_hash, stored_at
  FROM cpts.stray_change WHERE false;
SELECT origin_position, hash, peer, local_position, epoch, aggregate_kind, aggregate_id, version,
       kind, recorded_at, actor, command_id, schema_version, lead_region, bytes, prev_hash, told,
       forked_at
  FROM cpts.forked_change WHERE false;
SELECT 1 / (count(*) = 34)::int FROM cpts.sync_table;
SELECT 1 / (count(*) = 20)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace AND relkind = 'i'
   AND relname ~ '_(cpts_id|region)_recorded_to_idx$';
SELECT 1 / (count(*) = 2)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace
   AND relname IN ('parked_aggregate_peer_aggregate_kind_aggregate_id_idx',
                   'federation_alarm_peer_alarm_aggregate_idx');
SELECT 1 / (count(*) = 3)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace AND relrowsecurity AND relforcerowsecurity
   AND relname IN ('parked_aggregate', 'stray_change', 'forked_change');
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.sync_staged', 'SELECT')
            AND NOT has_table_privilege('cpts_app', 'cpts.sync_cursor', 'UPDATE')
            AND NOT has_table_privilege('cpts_app', 'cpts.parked_aggregate', 'INSERT'))::int;
SELECT 1 / (prosrc ~ 'node_self')::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace AND proname = 'log_begin';
ROLLBACK;
