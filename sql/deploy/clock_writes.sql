-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:clock_writes
-- Clocks are written at less cost: a plan that is kept (a function in SQL is planned
-- at each call), nothing looked for where a CPTS has no clock, one index less.
-- Locks: ACCESS EXCLUSIVE on cpts_clock while its index goes.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

DROP INDEX cpts.cpts_clock_clock_id_idx;

CREATE OR REPLACE FUNCTION cpts.clock_start(cpts_id uuid, version int, lead_region text, started_on date,
    clock_ids uuid[], kinds text[], missions text[], dues date[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at timestamptz := cpts.log_now();
  today  date := (now_at AT TIME ZONE 'Europe/Paris')::date;
BEGIN
  INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
      lead_region, valid_from, recorded_from)
    SELECT clock_start.cpts_id, clock_start.version, n.clock_id, n.kind, n.mission, n.due_on,
           CASE WHEN n.due_on <= today THEN now_at ELSE 'infinity' END,
           clock_start.lead_region, clock_start.started_on, now_at
      FROM unnest(clock_ids, kinds, missions, dues) AS n (clock_id, kind, mission, due_on);
END
$$;

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
  IF cardinality(stops) > 0
     AND EXISTS (SELECT FROM cpts.cpts_clock k
                  WHERE k.cpts_id = stage_follow.cpts_id AND k.recorded_to = 'infinity'
                    AND k.valid_to = 'infinity') THEN
    closed := closed || cpts.clock_stop(cpts_id, version, lead_region, entered_on, stops, NULL);
  END IF;
  IF cardinality(clock_ids) > 0 THEN
    PERFORM cpts.clock_start(cpts_id, version, lead_region, entered_on, clock_ids, kinds, missions,
                             dues);
  END IF;
  RETURN closed;
END
$$;

COMMIT;
