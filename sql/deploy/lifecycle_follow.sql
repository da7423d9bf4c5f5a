-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:lifecycle_follow
-- What several commands of the life cycle share: evidence, clocks that start
-- and stop, filings that close. Functions, so that a command which needs none
-- of it does not pay for it. They judge and write for the caller: its scope
-- counts, and cpts.log_begin() must have run.
-- Locks: new functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.documents_unknown(cpts_id uuid, document_ids uuid[]) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF cardinality(document_ids) = 0 THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT min(u.id::text)
            FROM unnest(document_ids) AS u (id)
           WHERE NOT EXISTS (SELECT FROM cpts.cpts_document d
                              WHERE d.cpts_id = documents_unknown.cpts_id
                                AND d.document_id = u.id AND d.recorded_to = 'infinity'));
END
$$;
COMMENT ON FUNCTION cpts.documents_unknown(uuid, uuid[])
  IS 'The first of the ids that is no document of that CPTS; NULL when all are.';

CREATE FUNCTION cpts.document_kinds(cpts_id uuid, document_ids uuid[]) RETURNS text[]
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF cardinality(document_ids) = 0 THEN
    RETURN '{}';
  END IF;
  RETURN (SELECT coalesce(array_agg(DISTINCT d.kind::text ORDER BY d.kind::text), '{}')
            FROM cpts.cpts_document d
           WHERE d.cpts_id = document_kinds.cpts_id AND d.document_id = ANY (document_ids)
             AND d.recorded_to = 'infinity');
END
$$;
COMMENT ON FUNCTION cpts.document_kinds(uuid, uuid[]) IS 'Kinds of those documents of a CPTS, in order.';

CREATE FUNCTION cpts.kinds_missing(required text[], shown text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT string_agg(r.kind, ' ' ORDER BY r.position)
            FROM unnest(required) WITH ORDINALITY AS r (kind, position)
           WHERE r.kind <> ALL (shown));
COMMENT ON FUNCTION cpts.kinds_missing(text[], text[])
  IS 'Kinds that are required and not shown, between spaces; NULL when none is missing.';

CREATE FUNCTION cpts.filing_of(cpts_id uuid, target text, OUT filing_id uuid, OUT state text,
    OUT entered_on date, OUT document_ids uuid[])
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT f.filing_id, f.state::text, f.valid_from, f.document_ids
    FROM (SELECT DISTINCT ON (e.filing_id) e.filing_id, e.state, e.valid_from, e.document_ids
            FROM cpts.cpts_filing e
           WHERE e.cpts_id = filing_of.cpts_id AND e.target = filing_of.target
             AND e.recorded_to = 'infinity'
           ORDER BY e.filing_id, e.valid_from DESC, e.version DESC) f
   WHERE f.state IN ('DRAFT', 'FILED', 'COMPLETE')
   ORDER BY f.valid_from DESC
   LIMIT 1;
END;
COMMENT ON FUNCTION cpts.filing_of(uuid, text)
  IS 'The filing of a CPTS for a stage that is open; NULLs when none is. There is one at most.';

CREATE FUNCTION cpts.stage_evidence(cpts_id uuid, basis text, stage text, given uuid[],
    OUT document_ids uuid[], OUT kinds text[])
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  document_ids := given;
  IF basis = 'TACIT' THEN
    document_ids := given || coalesce((SELECT f.document_ids
                                         FROM cpts.filing_of(cpts_id, stage) f), '{}');
  END IF;
  kinds := cpts.document_kinds(cpts_id, document_ids);
END
$$;
COMMENT ON FUNCTION cpts.stage_evidence(uuid, text, text, uuid[])
  IS 'Documents behind a stage and their kinds: those given, and with TACIT those of the filing.';

CREATE FUNCTION cpts.evidence_refusal(cpts_id uuid, basis text, stage text, entered_on date,
    given uuid[], required text[]) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  found_text text;
  due_on     date;
BEGIN
  found_text := cpts.documents_unknown(cpts_id, given);
  IF found_text IS NOT NULL THEN
    RETURN 'DOCUMENT_NOT_FOUND ' || found_text;
  END IF;
  IF basis = 'DECISION' THEN
    found_text := cpts.kinds_missing(required, cpts.document_kinds(cpts_id, given));
    RETURN 'EVIDENCE_MISSING ' || found_text;
  END IF;
  IF basis <> 'TACIT' THEN
    RETURN NULL;
  END IF;
  SELECT max(k.due_on) INTO due_on
    FROM cpts.cpts_clock k
   WHERE k.cpts_id = evidence_refusal.cpts_id AND k.kind = 'TACIT_VALIDATION'
     AND k.recorded_to = 'infinity' AND k.valid_to = 'infinity';
  IF due_on IS NULL OR (SELECT f.state FROM cpts.filing_of(cpts_id, stage) f)
                         IS DISTINCT FROM 'COMPLETE' THEN
    RETURN 'FILING_NOT_COMPLETE ';
  END IF;
  RETURN CASE WHEN entered_on < due_on THEN 'TACIT_NOT_DUE ' || due_on::text END;
END
$$;
COMMENT ON FUNCTION cpts.evidence_refusal(uuid, text, text, date, uuid[], text[])
  IS 'Why a stage may not be recorded on that evidence: a reason, a space and its detail; NULL when it may.';

CREATE FUNCTION cpts.clock_start(cpts_id uuid, version int, lead_region text, started_on date,
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
COMMENT ON FUNCTION cpts.clock_start(uuid, int, text, date, uuid[], text[], text[], date[])
  IS 'Starts clocks. One whose due date has come is raised with this very command: no change of its own tells of it.';

CREATE FUNCTION cpts.clock_stop(cpts_id uuid, version int, lead_region text, stopped_on date,
    kinds text[], mission text) RETURNS text[]
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  stopped text[];
BEGIN
  WITH superseded AS (
    UPDATE cpts.cpts_clock k
       SET recorded_to = cpts.log_now()
     WHERE k.cpts_id = clock_stop.cpts_id AND k.recorded_to = 'infinity'
       AND k.valid_to = 'infinity' AND ('*' = ANY (kinds) OR k.kind = ANY (kinds))
       AND k.mission = coalesce(clock_stop.mission, k.mission)
    RETURNING k.clock_id, k.kind, k.mission, k.due_on, k.raised_at, k.valid_from
  ), ended AS (
    INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
        lead_region, valid_from, valid_to, recorded_from)
      SELECT clock_stop.cpts_id, clock_stop.version, s.clock_id, s.kind, s.mission, s.due_on,
             s.raised_at, clock_stop.lead_region, s.valid_from,
             greatest(stopped_on, s.valid_from), cpts.log_now()
        FROM superseded s
  )
  SELECT coalesce(array_agg(concat_ws(' ', 'CLOCK', s.clock_id, s.kind,
                                      coalesce(nullif(s.mission, ''), '-'), s.due_on)
                            ORDER BY s.clock_id), '{}')
    INTO stopped
    FROM superseded s;
  RETURN stopped;
END
$$;
COMMENT ON FUNCTION cpts.clock_stop(uuid, int, text, date, text[], text)
  IS 'Stops the running clocks of those kinds (* = all) and that mission (NULL = any). Gives "CLOCK <id> <kind> <mission or -> <due>" of each.';

CREATE FUNCTION cpts.filing_close(cpts_id uuid, version int, lead_region text, closed_on date,
    target text, state text, decision text) RETURNS text[]
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  closed text[];
BEGIN
  WITH open AS (
    SELECT DISTINCT ON (e.filing_id) e.filing_id, e.target, e.state, e.valid_from, e.document_ids
      FROM cpts.cpts_filing e
     WHERE e.cpts_id = filing_close.cpts_id AND e.recorded_to = 'infinity'
       AND (filing_close.target = '*' OR e.target = filing_close.target)
     ORDER BY e.filing_id, e.valid_from DESC, e.version DESC
  ), ended AS (
    INSERT INTO cpts.cpts_filing (cpts_id, version, filing_id, target, state, decision,
        document_ids, lead_region, valid_from, recorded_from)
      SELECT filing_close.cpts_id, filing_close.version, o.filing_id, o.target,
             filing_close.state, filing_close.decision, o.document_ids,
             filing_close.lead_region, greatest(closed_on, o.valid_from), cpts.log_now()
        FROM open o
       WHERE o.state IN ('DRAFT', 'FILED', 'COMPLETE')
    RETURNING cpts_filing.filing_id, cpts_filing.target
  )
  SELECT coalesce(array_agg(concat_ws(' ', 'FILING', e.filing_id, e.target)
                            ORDER BY e.filing_id), '{}')
    INTO closed
    FROM ended e;
  RETURN closed;
END
$$;
COMMENT ON FUNCTION cpts.filing_close(uuid, int, text, date, text, text, text)
  IS 'Ends the open filings for that stage (* = any). Gives "FILING <id> <stage asked for>" of each.';

CREATE FUNCTION cpts.stage_follow(cpts_id uuid, version int, lead_region text, entered_on date,
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
COMMENT ON FUNCTION cpts.stage_follow(uuid, int, text, date, text, text, uuid[], text[], text[], date[], text[])
  IS 'What follows a stage that was entered: filings for it are decided (all are closed by a way out), clocks stop (* = all) and start. Gives what was open and no longer is.';

COMMIT;
