-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:history
-- What was believed before: former names of a CPTS, corrections with their
-- reason, and who changed what, for whoever may read the registry.
-- Locks: SHARE on change_log while its index is built (writers wait: seconds a
-- million rows); new tables.
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
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
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
  IS 'Version, card and last change of a CPTS as known at an instant; a NULL is what is so today. For reads of the past only: c.updated_at <= known says that nothing has changed. SECURITY DEFINER: a reader sees the log through it only so far.';

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

CREATE FUNCTION cpts.stages_follow(cpts_id uuid, version int, lead_region text,
    gone_exit_version int, gone_on date[], stage_kinds text[], new_stage text, new_on date,
    clock_ids uuid[], kinds text[], missions text[], dues date[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  WITH stopped AS (
    UPDATE cpts.cpts_clock k
       SET recorded_to = cpts.log_now()
     WHERE k.cpts_id = stages_follow.cpts_id AND k.recorded_to = 'infinity'
       AND k.version = gone_exit_version AND k.valid_to < 'infinity'
    RETURNING k.clock_id, k.kind, k.mission, k.due_on, k.raised_at, k.valid_from
  )
  INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on, raised_at,
      lead_region, valid_from, recorded_from)
    SELECT stages_follow.cpts_id, stages_follow.version, s.clock_id, s.kind, s.mission, s.due_on,
           s.raised_at, stages_follow.lead_region, s.valid_from, cpts.log_now()
      FROM stopped s;
  UPDATE cpts.cpts_filing f
     SET recorded_to = cpts.log_now()
   WHERE f.cpts_id = stages_follow.cpts_id AND f.recorded_to = 'infinity'
     AND f.version = gone_exit_version AND f.state = 'CLOSED';
  UPDATE cpts.cpts_clock k
     SET recorded_to = cpts.log_now()
   WHERE k.cpts_id = stages_follow.cpts_id AND k.recorded_to = 'infinity'
     AND k.valid_to = 'infinity' AND k.valid_from = ANY (gone_on) AND k.kind = ANY (stage_kinds);
  IF new_stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') THEN
    PERFORM cpts.clock_stop(cpts_id, version, lead_region, new_on, '{*}', NULL),
            cpts.filing_close(cpts_id, version, lead_region, new_on, '*', 'CLOSED', '');
  ELSIF new_stage IS NOT NULL THEN
    PERFORM cpts.clock_start(cpts_id, version, lead_region, new_on, clock_ids, kinds, missions,
              dues);
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.stages_follow(uuid, int, text, int, date[], text[], text, date, uuid[], text[], text[], date[])
  IS 'After a correction of stages: what a way out of that version stopped and closed goes on, when it is not believed any more; clocks that stages of those dates started are not believed any more; a last stage that is new (else NULL) starts its clocks, or stops and closes what is open, as when it is recorded.';

GRANT SELECT, INSERT ON cpts.cpts_former TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_correction TO cpts_app;

COMMIT;
