-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:known_instant
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
          set_config('app.log_now', greatest(clock_timestamp(), last_recorded)::text, true),
          set_config('app.log_start', coalesce(head_position, 0)::text, true),
          set_config('app.log_position', coalesce(head_position, 0)::text, true),
          set_config('app.log_origin_position', coalesce(own_position, 0)::text, true),
          set_config('app.log_hash', encode(coalesce(own_hash, decode(repeat('00', 32), 'hex')), 'hex'), true);
  RETURN coalesce(head_position, 0);
END
$$;
COMMENT ON FUNCTION cpts.log_now()
  IS 'When this transaction records: taken after the lock, never before an earlier entry, so that log order is recorded order.';

DROP FUNCTION cpts.answer_instant_us(timestamptz);
DROP FUNCTION cpts.log_instant();

COMMIT;
