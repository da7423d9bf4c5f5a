-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:known_instant
-- The instant of an answer: that of the last entry it could see, not what the clock says, so that
-- the same question asked with it gives the same answer for ever. No two transactions share one.
-- Locks: none that a running node would wait for.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
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
COMMENT ON FUNCTION cpts.log_now()
  IS 'When this transaction records: taken after the lock, always after every earlier entry, so that log order is recorded order and an instant lies between two transactions.';

-- plpgsql keeps its plans; in sql they would be made in each statement, which every read would pay.
CREATE FUNCTION cpts.log_instant() RETURNS timestamptz
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

CREATE FUNCTION cpts.answer_instant_us(moment timestamptz) RETURNS bigint
  LANGUAGE sql STABLE
  RETURN CASE WHEN moment < timestamptz '9999-12-31 00:00:00Z' THEN cpts.unix_us(moment)
              ELSE cpts.unix_us(cpts.log_instant()) END;
COMMENT ON FUNCTION cpts.answer_instant_us(timestamptz)
  IS 'The instant that an answer was believed at, in microseconds: the one asked for; for NULL, or cpts.known_at(NULL), the last that its statement saw. Asked as a subquery, once a statement.';
GRANT EXECUTE ON FUNCTION cpts.log_instant(), cpts.answer_instant_us(timestamptz) TO cpts_app;

COMMIT;
