-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:lead_history
-- Which region led a CPTS when. A CPTS counts in the region that led it on the date that a figure is
-- true for, as known when the figure was made: a move changes no figure that was printed.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.cpts_lead (
  cpts_id       uuid        NOT NULL,
  version       int         NOT NULL,
  region        text        COLLATE "C" NOT NULL,
  lead_region   text        COLLATE "C" NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date        NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz NOT NULL,
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_lead_key PRIMARY KEY (cpts_id, version, valid_from),
  CONSTRAINT cpts_lead_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_lead_recorded CHECK (recorded_from <= recorded_to)
);
CREATE INDEX cpts_lead_cpts_id_recorded_to_idx
  ON cpts.cpts_lead (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
COMMENT ON TABLE cpts.cpts_lead
  IS 'Regions that led a CPTS, of those that moved only: one that never did was always led by cpts.lead_region. The rows believed at an instant cover every date; before the first was recorded, the region of the first row was believed for all dates.';
COMMENT ON COLUMN cpts.cpts_lead.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_lead.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_lead.region IS 'INSEE code of the region that led it.';
COMMENT ON COLUMN cpts.cpts_lead.lead_region IS 'Lead region now; for row-level security.';
COMMENT ON COLUMN cpts.cpts_lead.valid_from IS 'First date on which it did; -infinity of the first one.';
COMMENT ON COLUMN cpts.cpts_lead.valid_to IS 'First date on which it no longer did: the day, in France, on which the move was recorded; else infinity.';
COMMENT ON COLUMN cpts.cpts_lead.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_lead.recorded_to IS 'Until when; infinity while it does.';

CREATE FUNCTION cpts.lead_spans(known timestamptz)
  RETURNS TABLE (cpts_id uuid, region text, valid_from date, valid_to date)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT l.cpts_id, l.region, l.valid_from, l.valid_to
    FROM cpts.cpts_lead l
   WHERE l.recorded_from <= lead_spans.known AND l.recorded_to > lead_spans.known
  UNION ALL
  SELECT l.cpts_id, l.region, '-infinity', 'infinity'
    FROM cpts.cpts_lead l
   WHERE l.valid_from = '-infinity' AND l.recorded_from > lead_spans.known
     AND NOT EXISTS (SELECT FROM cpts.cpts_lead e
                      WHERE e.cpts_id = l.cpts_id
                        AND (e.recorded_from <= lead_spans.known OR e.version < l.version));
END;
COMMENT ON FUNCTION cpts.lead_spans(timestamptz)
  IS 'Which regions led the CPTS that moved, and when, as believed at an instant; no row of the others.';

CREATE FUNCTION cpts.lead_on(on_date date, known timestamptz)
  RETURNS TABLE (cpts_id uuid, region text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.cpts_id, s.region
    FROM cpts.lead_spans(lead_on.known) s
   WHERE s.valid_from <= lead_on.on_date AND s.valid_to > lead_on.on_date;
END;
COMMENT ON FUNCTION cpts.lead_on(date, timestamptz)
  IS 'Region that led each CPTS that moved, on a date, as believed at an instant; no row of the others, which cpts.lead_region says. The date is the one that the figure is true for: of a year''s money its last day counted, of a period or a week its last day, of a point of a series that point.';

CREATE FUNCTION cpts.lead_record(of_cpts uuid, of_version int, former text, new_region text)
  RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  today date := (cpts.log_now() AT TIME ZONE 'Europe/Paris')::date;
  since date;
BEGIN
  UPDATE cpts.cpts_lead l SET recorded_to = cpts.log_now()
   WHERE l.cpts_id = of_cpts AND l.recorded_to = 'infinity' AND l.valid_to = 'infinity'
  RETURNING l.valid_from INTO since;
  INSERT INTO cpts.cpts_lead (cpts_id, version, region, lead_region, valid_from, valid_to,
      recorded_from)
    SELECT of_cpts, of_version, r.region, new_region, r.valid_from, r.valid_to, cpts.log_now()
      FROM (VALUES (former, coalesce(since, '-infinity'), today),
                   (new_region, greatest(today, coalesce(since, '-infinity')), 'infinity'))
           AS r (region, valid_from, valid_to)
     WHERE r.valid_from < r.valid_to;
END
$$;
COMMENT ON FUNCTION cpts.lead_record(uuid, int, text, text)
  IS 'From today on, in France, another region leads a CPTS; until then the former one did.';
REVOKE EXECUTE ON FUNCTION cpts.lead_record(uuid, int, text, text) FROM PUBLIC;

ALTER TABLE cpts.cpts_lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_lead FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_lead_read ON cpts.cpts_lead FOR SELECT
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));

GRANT SELECT ON cpts.cpts_lead TO cpts_app;

COMMIT;
