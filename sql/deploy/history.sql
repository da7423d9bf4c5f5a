-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:history
-- What was believed before: former names of a CPTS, corrections with their
-- reason, and who changed what, for whoever may read the registry.
-- Locks: SHARE on change_log while its index is built (writers wait: seconds a
-- million rows); ACCESS EXCLUSIVE on cpts_stage for a column without a default; new tables.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '600s';
SET LOCAL ROLE cpts_owner;

CREATE INDEX change_log_aggregate_id_version_idx ON cpts.change_log (aggregate_id, version);

CREATE TABLE cpts.cpts_former (
  cpts_id       uuid               NOT NULL,
  version       int                NOT NULL,
  name          cpts.cpts_name     NOT NULL,
  finess        cpts.finess_number NOT NULL,
  website       cpts.website       NOT NULL,
  lead_region   text               COLLATE "C" NOT NULL,
  valid_from    date               NOT NULL DEFAULT '-infinity',
  valid_to      date               NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz        NOT NULL,
  recorded_to   timestamptz        NOT NULL,
  CONSTRAINT cpts_former_key PRIMARY KEY (cpts_id, version),
  CONSTRAINT cpts_former_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_former_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_former
  IS 'Name, FINESS number and site that a CPTS had until a change; what it has now is in cpts. So a read as known at an instant takes the first row that ended after it.';
COMMENT ON COLUMN cpts.cpts_former.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_former.version IS 'Version of the CPTS that ended them.';
COMMENT ON COLUMN cpts.cpts_former.name IS 'Name until then.';
COMMENT ON COLUMN cpts.cpts_former.finess IS 'FINESS number until then, or empty.';
COMMENT ON COLUMN cpts.cpts_former.website IS 'Site until then, or empty.';
COMMENT ON COLUMN cpts.cpts_former.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_former.valid_from IS '-infinity: nobody says from when a name is true.';
COMMENT ON COLUMN cpts.cpts_former.valid_to IS 'infinity, likewise.';
COMMENT ON COLUMN cpts.cpts_former.recorded_from IS 'Since when this node believed them.';
COMMENT ON COLUMN cpts.cpts_former.recorded_to IS 'Until when this node believed them.';

CREATE TABLE cpts.cpts_correction (
  cpts_id     uuid        NOT NULL,
  version     int         NOT NULL,
  reason      text        NOT NULL,
  evidence    text        NOT NULL,
  lead_region text        COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT cpts_correction_key PRIMARY KEY (cpts_id, version),
  CONSTRAINT cpts_correction_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
  CONSTRAINT cpts_correction_evidence_length CHECK (char_length(evidence) <= 500)
);
COMMENT ON TABLE cpts.cpts_correction
  IS 'Why something that was believed is no longer: one row a correction, never changed. What changed is in the facts with the same version; who did it, in the log.';
COMMENT ON COLUMN cpts.cpts_correction.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_correction.version IS 'Version of the CPTS that the correction made.';
COMMENT ON COLUMN cpts.cpts_correction.reason IS 'Why, 1 to 500 characters.';
COMMENT ON COLUMN cpts.cpts_correction.evidence IS 'Reference of what proves it, at most 500 characters, or empty.';
COMMENT ON COLUMN cpts.cpts_correction.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_correction.recorded_at IS 'When this node recorded it.';

ALTER TABLE cpts.cpts_former ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_former FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_former_read ON cpts.cpts_former FOR SELECT USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_former_insert ON cpts.cpts_former FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_correction FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_correction_read ON cpts.cpts_correction FOR SELECT
  USING ((SELECT cpts.may_read()));
CREATE POLICY cpts_correction_insert ON cpts.cpts_correction FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));

CREATE FUNCTION cpts.card_known(cpts_id uuid, known timestamptz,
    OUT version int, OUT name text, OUT finess text, OUT website text, OUT updated_at timestamptz)
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  SELECT l.version, l.recorded_at INTO version, updated_at
    FROM cpts.change_log l
   WHERE l.aggregate_id = card_known.cpts_id AND l.recorded_at <= known
   ORDER BY l.version DESC LIMIT 1;
  SELECT f.name, f.finess, f.website INTO name, finess, website
    FROM cpts.cpts_former f
   WHERE f.cpts_id = card_known.cpts_id AND f.recorded_to > known
   ORDER BY f.recorded_to, f.version LIMIT 1;
END
$$;
COMMENT ON FUNCTION cpts.card_known(uuid, timestamptz)
  IS 'Version, card and last change of a CPTS as known at an instant; a NULL is what is so today. For reads of the past only: c.updated_at <= known says that nothing has changed. Asked with CASE WHEN c.updated_at > known THEN c.cpts_id END, which is NULL then and costs nothing: a condition beside the call is looked at after it. SECURITY DEFINER: a reader sees the log through it only so far.';

CREATE FUNCTION cpts.changes_of(cpts_id uuid, since timestamptz, until timestamptz)
  RETURNS TABLE (version int, kind text, recorded_at timestamptz, actor text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  BEGIN ATOMIC
    SELECT l.version, l.kind, l.recorded_at, l.actor
      FROM cpts.change_log l
     WHERE cpts.may_read() AND l.aggregate_id = changes_of.cpts_id
       AND l.aggregate_kind = 'CPTS' AND l.recorded_at > since AND l.recorded_at <= until;
  END;
COMMENT ON FUNCTION cpts.changes_of(uuid, timestamptz, timestamptz)
  IS 'Who changed a CPTS, and when: after since, until and with until. SECURITY DEFINER: readers of the registry may know who answers for a fact, and see no more of the log.';

ALTER TABLE cpts.cpts_stage ADD COLUMN decided_version int;
COMMENT ON COLUMN cpts.cpts_stage.decided_version
  IS 'Version that entered the stage, and did what follows one, when another version only told it better (its date, its evidence); NULL: the row''s own.';

CREATE FUNCTION cpts.way_out_gaps(cpts_id uuid, decided_version int, before_version int)
  RETURNS TABLE (known_at timestamptz, from_on date, to_on date)
  LANGUAGE sql STABLE
  BEGIN ATOMIC
    SELECT c.known_at, c.from_on, c.to_on
      FROM (SELECT s.recorded_from AS known_at,
                   max(s.valid_from) OVER (ORDER BY s.recorded_from DESC) AS from_on,
                   coalesce(lag(s.valid_from) OVER (ORDER BY s.recorded_from), 'infinity') AS to_on
              FROM cpts.cpts_stage s
             WHERE s.cpts_id = way_out_gaps.cpts_id
               AND s.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
               AND coalesce(s.decided_version, s.version) = way_out_gaps.decided_version
               AND s.version < before_version) c
     WHERE c.from_on < c.to_on;
  END;
COMMENT ON FUNCTION cpts.way_out_gaps(uuid, int, int)
  IS 'What a way out, by the version that decided it, took away: from from_on until before to_on what is no longer believed since known_at would be so without it.';

CREATE FUNCTION cpts.clocks_correct(cpts_id uuid, version int, lead_region text,
    gone_stages text[], gone_dates date[], gone_versions int[],
    stages text[], stage_dates date[], are_new boolean[], start_stages text[], start_kinds text[],
    stop_stages text[], stop_kinds text[],
    clock_ids uuid[], kinds text[], missions text[], dues date[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  started_on date;
  is_started boolean;
BEGIN
  SELECT w.entered_on, w.is_new INTO started_on, is_started
    FROM unnest(stages, stage_dates, are_new) AS w (stage, entered_on, is_new)
   WHERE w.stage = ANY (start_stages)
   ORDER BY w.entered_on DESC LIMIT 1;
  WITH gone AS (
    SELECT g.stage, g.gone_on, g.decided_version
      FROM unnest(gone_stages, gone_dates, gone_versions) AS g (stage, gone_on, decided_version)
  ), stop AS (
    SELECT w.entered_on, w.is_new, p.kind
      FROM unnest(stages, stage_dates, are_new) AS w (stage, entered_on, is_new)
      JOIN unnest(stop_stages, stop_kinds) AS p (stage, kind) ON p.stage = w.stage
  ), believed AS MATERIALIZED (
    SELECT k.version, k.clock_id, k.kind, k.mission, k.due_on, k.raised_at, k.valid_from, k.valid_to,
           k.kind = ANY (start_kinds)
             AND EXISTS (SELECT FROM gone g
                          WHERE g.gone_on = k.valid_from AND g.stage = ANY (start_stages))
             AS is_orphan,
           k.valid_to < 'infinity'
             AND EXISTS (SELECT FROM gone g
                           JOIN unnest(stop_stages, stop_kinds) AS p (stage, kind)
                             ON p.stage = g.stage AND p.kind IN ('*', k.kind)
                           JOIN cpts.cpts_clock q
                             ON q.cpts_id = clocks_correct.cpts_id AND q.version >= g.decided_version
                            AND q.kind = k.kind AND q.mission = k.mission AND q.valid_to < 'infinity'
                          WHERE k.valid_to = greatest(g.gone_on, k.valid_from)) AS is_resumed
      FROM cpts.cpts_clock k
     WHERE k.cpts_id = clocks_correct.cpts_id AND k.recorded_to = 'infinity'
  ), judged AS MATERIALIZED (
    SELECT b.version, b.clock_id, b.kind, b.mission, b.due_on, b.raised_at, b.valid_from,
           b.valid_to, b.is_orphan, n.clock_id AS new_id, n.due_on AS new_due_on,
           CASE WHEN b.valid_to < 'infinity' AND NOT b.is_resumed THEN b.valid_to
                ELSE coalesce((SELECT min(greatest(s.entered_on, b.valid_from)) FROM stop s
                                WHERE s.kind IN ('*', b.kind)
                                  AND (s.is_new OR b.is_resumed AND s.entered_on >= b.valid_from)),
                              'infinity') END AS ends_on
      FROM believed b
      LEFT JOIN unnest(clock_ids, kinds, missions, dues) AS n (clock_id, kind, mission, due_on)
        ON b.is_orphan AND is_started AND n.kind = b.kind AND n.mission = b.mission
  ), superseded AS (
    UPDATE cpts.cpts_clock k
       SET recorded_to = cpts.log_now()
      FROM judged j
     WHERE k.cpts_id = clocks_correct.cpts_id AND k.version = j.version
       AND k.clock_id = j.clock_id
       AND (j.new_id IS NOT NULL OR j.ends_on <> j.valid_to
            OR j.is_orphan AND j.ends_on = 'infinity')
  )
  INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT clocks_correct.cpts_id, clocks_correct.version, coalesce(j.new_id, j.clock_id), j.kind,
           j.mission, coalesce(j.new_due_on, j.due_on),
           CASE WHEN j.new_id IS NULL THEN j.raised_at
                WHEN j.new_due_on > (cpts.log_now() AT TIME ZONE 'Europe/Paris')::date
                THEN 'infinity'
                WHEN j.raised_at = 'infinity' AND j.ends_on = 'infinity' THEN cpts.log_now()
                ELSE j.raised_at END,
           clocks_correct.lead_region,
           CASE WHEN j.new_id IS NULL THEN j.valid_from ELSE started_on END,
           CASE WHEN j.new_id IS NULL THEN j.ends_on ELSE greatest(j.ends_on, started_on) END,
           cpts.log_now()
      FROM judged j
     WHERE j.new_id IS NOT NULL
        OR j.ends_on <> j.valid_to AND NOT (j.is_orphan AND j.ends_on = 'infinity');
  IF is_started AND started_on = stage_dates[cardinality(stage_dates)] THEN
    PERFORM cpts.clock_start(clocks_correct.cpts_id, clocks_correct.version,
              clocks_correct.lead_region, started_on, array_agg(n.clock_id), array_agg(n.kind),
              array_agg(n.mission), array_agg(n.due_on))
       FROM unnest(clock_ids, kinds, missions, dues) AS n (clock_id, kind, mission, due_on)
      WHERE NOT EXISTS (SELECT FROM cpts.cpts_clock k
                         WHERE k.cpts_id = clocks_correct.cpts_id AND k.recorded_to = 'infinity'
                           AND k.kind = n.kind AND k.mission = n.mission);
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.clocks_correct(uuid, int, text, text[], date[], int[], text[], date[], boolean[], text[], text[], text[], text[], uuid[], text[], text[], date[])
  IS 'After a correction of stages, each clock as the stages now believed have it: what a stage that is gone stopped goes on, until another stage stops it; a clock keeps its stop when the stage that started it has another date, and is not believed any more, if it runs, without that stage. A last stage that is new starts the clocks that have neither run nor been stopped.';

CREATE FUNCTION cpts.filings_correct(cpts_id uuid, version int, lead_region text,
    gone_stages text[], gone_versions int[], stages text[], stage_dates date[], are_new boolean[])
  RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  exits   text[] := '{ABANDONNE,FUSIONNE,DISSOUS,NON_RENOUVELE}';
  undone  jsonb;
  entered record;
BEGIN
  IF NOT EXISTS (SELECT FROM cpts.cpts_filing f WHERE f.cpts_id = filings_correct.cpts_id) THEN
    RETURN;
  END IF;
  WITH opened AS (
    UPDATE cpts.cpts_filing f
       SET recorded_to = cpts.log_now()
     WHERE f.cpts_id = filings_correct.cpts_id AND f.recorded_to = 'infinity'
       AND EXISTS (SELECT FROM unnest(gone_stages, gone_versions) AS g (stage, decided_version)
                    WHERE f.version >= g.decided_version
                      AND CASE WHEN g.stage = ANY (exits) THEN f.state = 'CLOSED'
                               ELSE f.target = g.stage AND f.decision IN ('ACCEPTED', 'TACIT') END)
    RETURNING f.target, f.decision
  )
  SELECT jsonb_object_agg(o.target, o.decision) INTO undone FROM opened o WHERE o.decision <> '';
  FOR entered IN SELECT w.stage, w.entered_on
                   FROM unnest(stages, stage_dates, are_new) AS w (stage, entered_on, is_new)
                  WHERE w.is_new OR w.stage = ANY (exits) ORDER BY w.entered_on
  LOOP
    IF entered.stage = ANY (exits) THEN
      PERFORM cpts.filing_close(cpts_id, version, lead_region, entered.entered_on, '*', 'CLOSED', '');
    ELSE
      PERFORM cpts.filing_close(cpts_id, version, lead_region, entered.entered_on, entered.stage,
                'DECIDED', coalesce(undone ->> entered.stage, 'ACCEPTED'));
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.filings_correct(uuid, int, text, text[], int[], text[], date[], boolean[])
  IS 'After a correction of stages: filings that a stage which is gone decided or closed are open again, and those for a stage that is new are decided (all are closed by a way out) as when it is recorded.';

GRANT SELECT, INSERT ON cpts.cpts_former TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_correction TO cpts_app;

COMMIT;
