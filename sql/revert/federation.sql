-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;

CREATE OR REPLACE FUNCTION cpts.log_begin(node text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  head_position   bigint;
  own_position    bigint;
  own_hash        bytea;
  last_recorded   timestamptz;
BEGIN
  SELECT l.local_position, l.recorded_at INTO head_position, last_recorded
    FROM cpts.change_log l ORDER BY l.local_position DESC LIMIT 1;
  SELECT l.origin_position, l.hash INTO own_position, own_hash
    FROM cpts.change_log l WHERE l.origin_node = node ORDER BY l.origin_position DESC LIMIT 1;
  PERFORM set_config('app.log_node', node, true),
          set_config('app.log_now',
            greatest(clock_timestamp(), last_recorded + interval '1 microsecond')::text, true),
          set_config('app.log_start', coalesce(head_position, 0)::text, true),
          set_config('app.log_position', coalesce(head_position, 0)::text, true),
          set_config('app.log_origin_position', coalesce(own_position, 0)::text, true),
          set_config('app.log_hash', encode(coalesce(own_hash, decode(repeat('00', 32), 'hex')), 'hex'), true);
  RETURN coalesce(head_position, 0);
END
$$;
CREATE OR REPLACE FUNCTION cpts.log_instant() RETURNS timestamptz
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  RETURN greatest(timestamptz '2000-01-01 00:00:00Z',
    (SELECT l.recorded_at FROM cpts.change_log l ORDER BY l.local_position DESC LIMIT 1),
    (SELECT max(v.loaded_at) FROM cpts.reference_version v));
END
$$;
COMMENT ON FUNCTION cpts.log_instant()
  IS 'When the last entry was recorded that the statement''s snapshot shows, or when reference data was loaded after it; 2000-01-01 when there is neither. SECURITY DEFINER: row-level security would hide part of the log.';

DROP INDEX cpts.cpts_stage_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_territory_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_population_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_identity_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_milestone_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_capacity_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_member_count_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_adhesion_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_clock_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_crisis_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_document_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_filing_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_indicator_target_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_indicator_value_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_member_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_mission_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_mission_plan_cpts_id_recorded_to_idx;
DROP INDEX cpts.cpts_representative_cpts_id_recorded_to_idx;
DROP INDEX cpts.unit_zoning_region_recorded_to_idx;
DROP TABLE cpts.forked_change;
DROP TABLE cpts.stray_change;
DROP TABLE cpts.federation_alarm;
DROP TABLE cpts.parked_aggregate;
DROP TABLE cpts.sync_checkpoint;
DROP TABLE cpts.sync_staged;
DROP TABLE cpts.sync_withheld;
DROP TABLE cpts.sync_cursor;
DROP TABLE cpts.sync_table;
DROP TABLE cpts.node_self;
ALTER TABLE cpts.change_log DROP COLUMN origin_recorded_at;
ALTER TABLE cpts.node DROP COLUMN suspended_at, DROP COLUMN enrolled_at, DROP COLUMN checkpoint_key,
  DROP COLUMN epoch, DROP COLUMN status;

COMMIT;
