-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:members_restore
-- Members and seats of a CPTS whose way out is corrected or retracted.
-- Locks: a new function only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.members_restore(cpts_id uuid, version int, lead_region text,
    gone_exit_version int, was_on date, exit_on date) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF exit_on < was_on THEN
    PERFORM cpts.members_follow(cpts_id, version, lead_region, exit_on, NULL, NULL, NULL);
    RETURN;
  END IF;
  WITH piece AS MATERIALIZED (
    SELECT m.identifier, m.category, m.college, m.voice,
           greatest(m.valid_from, p.from_on) AS begins_on,
           least(m.valid_to, p.to_on, exit_on) AS ends_on,
           m.valid_from < p.from_on AND p.from_on = was_on AS is_cut
      FROM cpts.way_out_gaps(members_restore.cpts_id, gone_exit_version, members_restore.version) p
      JOIN cpts.cpts_member m ON m.cpts_id = members_restore.cpts_id AND m.recorded_to = p.known_at
       AND m.valid_from < least(p.to_on, exit_on) AND m.valid_to > p.from_on
  ), missed AS MATERIALIZED (
    SELECT r.identifier, r.category, r.college, r.voice, min(r.begins_on) AS begins_on,
           max(r.ends_on) AS ends_on, bool_or(r.is_cut) AS is_cut
      FROM (SELECT s.identifier, s.category, s.college, s.voice, s.begins_on, s.ends_on, s.is_cut,
                   count(*) FILTER (WHERE s.is_first) OVER member AS run
              FROM (SELECT e.identifier, e.category, e.college, e.voice, e.begins_on, e.ends_on,
                           e.is_cut,
                           e.begins_on IS DISTINCT FROM lag(e.ends_on) OVER member AS is_first
                      FROM piece e
                    WINDOW member AS (PARTITION BY e.identifier, e.category, e.college, e.voice
                                      ORDER BY e.begins_on)) s
            WINDOW member AS (PARTITION BY s.identifier, s.category, s.college, s.voice
                              ORDER BY s.begins_on)) r
     GROUP BY r.identifier, r.category, r.college, r.voice, r.run
  ), ended AS (
    UPDATE cpts.cpts_member m
       SET recorded_to = cpts.log_now()
      FROM missed o
     WHERE m.cpts_id = members_restore.cpts_id AND m.recorded_to = 'infinity'
       AND m.valid_to = was_on AND o.identifier = m.identifier AND o.is_cut
    RETURNING m.identifier, m.category, m.college, m.voice, m.valid_from, o.ends_on
  )
  INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT members_restore.cpts_id, o.identifier, members_restore.version,
           coalesce(e.category, o.category), coalesce(e.college, o.college),
           coalesce(e.voice, o.voice), members_restore.lead_region,
           coalesce(e.valid_from, o.begins_on), o.ends_on, cpts.log_now()
      FROM missed o
      LEFT JOIN ended e ON e.identifier = o.identifier AND o.is_cut;
  WITH missed AS MATERIALIZED (
    SELECT f.representative_id, f.association, f.approval_reference, f.designated_on,
           f.designation_reference, f.trained_on, f.voice, f.valid_from,
           least(f.valid_to, p.to_on, exit_on) AS ends_on
      FROM cpts.way_out_gaps(members_restore.cpts_id, gone_exit_version, members_restore.version) p
      JOIN cpts.cpts_representative f ON f.cpts_id = members_restore.cpts_id
       AND f.recorded_to = p.known_at
       AND f.valid_from < least(p.to_on, exit_on) AND f.valid_to > p.from_on
  ), last AS MATERIALIZED (
    SELECT DISTINCT ON (o.representative_id) o.representative_id, o.association,
           o.approval_reference, o.designated_on, o.designation_reference, o.trained_on, o.voice,
           o.valid_from, o.ends_on
      FROM missed o
     ORDER BY o.representative_id, o.ends_on DESC
  ), ended AS (
    UPDATE cpts.cpts_representative f
       SET recorded_to = cpts.log_now()
      FROM last o
     WHERE f.cpts_id = members_restore.cpts_id AND f.recorded_to = 'infinity'
       AND f.representative_id = o.representative_id
  )
  INSERT INTO cpts.cpts_representative (cpts_id, representative_id, version, association,
      approval_reference, designated_on, designation_reference, trained_on, voice, lead_region,
      valid_from, valid_to, recorded_from)
    SELECT members_restore.cpts_id, o.representative_id, members_restore.version, o.association,
           o.approval_reference, o.designated_on, o.designation_reference, o.trained_on, o.voice,
           members_restore.lead_region, o.valid_from, o.ends_on, cpts.log_now()
      FROM last o;
  PERFORM cpts.member_count_refresh(members_restore.cpts_id, members_restore.version,
            members_restore.lead_region,
            ARRAY(SELECT m.category::text FROM cpts.cpts_member m
                   WHERE m.cpts_id = members_restore.cpts_id AND m.recorded_to = 'infinity'
                  UNION
                  SELECT 'REPRESENTANT_USAGERS'));
END
$$;
COMMENT ON FUNCTION cpts.members_restore(uuid, int, text, int, date, date)
  IS 'After a correction of stages: the way out, decided by that version (NULL: none was believed), was on was_on and is now on exit_on (infinity: it is gone). Memberships and seats end with it, and those that it ended, or kept from beginning, go on until then.';

COMMIT;
