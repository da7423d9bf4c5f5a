-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:members_restore
-- Members and seats of a CPTS whose way out is corrected or retracted.
-- Locks: a new function only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.members_restore(cpts_id uuid, version int, lead_region text,
    gone_exit_version int, exit_on date) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF gone_exit_version IS NULL THEN
    IF exit_on < 'infinity' THEN
      PERFORM cpts.members_follow(cpts_id, version, lead_region, exit_on, NULL, NULL, NULL);
    END IF;
    RETURN;
  END IF;
  WITH ended AS (
    UPDATE cpts.cpts_member m
       SET recorded_to = cpts.log_now()
     WHERE m.cpts_id = members_restore.cpts_id AND m.version = gone_exit_version
       AND m.recorded_to = 'infinity'
    RETURNING m.identifier, m.category, m.college, m.voice, m.valid_from
  )
  INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT members_restore.cpts_id, e.identifier, members_restore.version, e.category, e.college,
           e.voice, members_restore.lead_region, e.valid_from, exit_on, cpts.log_now()
      FROM ended e
     WHERE e.valid_from < exit_on;
  WITH ended AS (
    UPDATE cpts.cpts_representative f
       SET recorded_to = cpts.log_now()
     WHERE f.cpts_id = members_restore.cpts_id AND f.version = gone_exit_version
       AND f.recorded_to = 'infinity'
    RETURNING f.representative_id, f.association, f.approval_reference, f.designated_on,
              f.designation_reference, f.trained_on, f.voice, f.valid_from
  )
  INSERT INTO cpts.cpts_representative (cpts_id, representative_id, version, association,
      approval_reference, designated_on, designation_reference, trained_on, voice, lead_region,
      valid_from, valid_to, recorded_from)
    SELECT members_restore.cpts_id, e.representative_id, members_restore.version, e.association,
           e.approval_reference, e.designated_on, e.designation_reference, e.trained_on, e.voice,
           members_restore.lead_region, e.valid_from, exit_on, cpts.log_now()
      FROM ended e
     WHERE e.valid_from < exit_on;
  PERFORM cpts.member_count_refresh(members_restore.cpts_id, members_restore.version,
            members_restore.lead_region,
            ARRAY(SELECT n.category::text FROM cpts.cpts_member_count n
                   WHERE n.cpts_id = members_restore.cpts_id AND n.recorded_to = 'infinity'));
END
$$;
COMMENT ON FUNCTION cpts.members_restore(uuid, int, text, int, date)
  IS 'After a correction of stages: memberships and seats that the way out of that version ended (NULL: none is gone) go on until exit_on, the way out that is believed now, or infinity.';

COMMIT;
