-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:clock_writes
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
CREATE OR REPLACE FUNCTION cpts.stage_follow(cpts_id uuid, version int, lead_region text, entered_on date,
    stage text, basis text, clock_ids uuid[], kinds text[], missions text[], dues date[],
    stops text[]) RETURNS text[]
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  is_exit boolean := '*' = ANY (stops);
  closed  text[] := '{}';
BEGIN
  IF EXISTS (SELECT FROM cpts.cpts_filing f WHERE f.cpts_id = stage_follow.cpts_id) THEN
    closed := cpts.filing_close(cpts_id, version, lead_region, entered_on,
                CASE WHEN is_exit THEN '*' ELSE stage END,
                CASE WHEN is_exit THEN 'CLOSED' ELSE 'DECIDED' END,
                CASE WHEN is_exit THEN '' WHEN basis = 'TACIT' THEN 'TACIT' ELSE 'ACCEPTED' END);
  END IF;
  IF cardinality(stops) > 0 THEN
    closed := closed || cpts.clock_stop(cpts_id, version, lead_region, entered_on, stops, NULL);
  END IF;
  IF cardinality(clock_ids) > 0 THEN
    PERFORM cpts.clock_start(cpts_id, version, lead_region, entered_on, clock_ids, kinds, missions,
                             dues);
  END IF;
  RETURN closed;
END
$$;

CREATE OR REPLACE FUNCTION cpts.clock_start(cpts_id uuid, version int, lead_region text, started_on date,
    clock_ids uuid[], kinds text[], missions text[], dues date[]) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
      lead_region, valid_from, recorded_from)
    SELECT clock_start.cpts_id, clock_start.version, n.clock_id, n.kind, n.mission, n.due_on,
           CASE WHEN n.due_on <= (cpts.log_now() AT TIME ZONE 'Europe/Paris')::date
                THEN cpts.log_now() ELSE 'infinity' END,
           clock_start.lead_region, clock_start.started_on, cpts.log_now()
      FROM unnest(clock_ids, kinds, missions, dues) AS n (clock_id, kind, mission, due_on);
END;

CREATE INDEX cpts_clock_clock_id_idx ON cpts.cpts_clock (clock_id)
  WHERE recorded_to = 'infinity' AND valid_to = 'infinity';
COMMIT;
