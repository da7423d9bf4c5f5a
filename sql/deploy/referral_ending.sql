-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_ending
-- When a CPTS ends, its referrals go on without it, in the transaction that ends it and before it in
-- the log: to the successor of a merge; back to their origins; to the desk, what it had asked for
-- itself. A stage that is corrected afterwards does not bring them back: others may act on them by then.
-- Locks: ACCESS EXCLUSIVE on referral and assignment for a new column.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.referral ADD COLUMN signer_id uuid;
COMMENT ON COLUMN cpts.referral.signer_id
  IS 'CPTS that signed the order, when it merged into another one since, which is the origin now; NULL: the origin signed.';
ALTER TABLE cpts.assignment ADD COLUMN former_id uuid;
COMMENT ON COLUMN cpts.assignment.former_id
  IS 'CPTS whose place the destination took when it merged; the wrap is sealed for that one as long as to_rewrap says so. NULL: the destination was asked itself.';

CREATE FUNCTION cpts.referral_ending_bytes(f cpts.referral_fact, principal text, command_id uuid,
    event int, reason text, successor uuid) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '\x0801'::bytea || cpts.wire_field(2, f.referral_id::text::bytea)
         || cpts.wire_field(3, convert_to(principal, 'UTF8'))
         || cpts.wire_field(4, command_id::text::bytea)
         || cpts.wire_field(91, '\x08'::bytea || cpts.wire_varint(event)
              || cpts.wire_field(2, coalesce(f.assignment_id::text, '')::bytea)
              || cpts.wire_field(3, reason::bytea)
              || cpts.wire_field(7, CASE WHEN successor IS NULL THEN '\x'::bytea ELSE
                   cpts.wire_field(1, coalesce(f.assignment_id::text, '')::bytea)
                   || cpts.wire_field(2, successor::text::bytea) END));
COMMENT ON FUNCTION cpts.referral_ending_bytes(cpts.referral_fact, text, uuid, int, text, uuid)
  IS 'cpts.v1.Change with ReferralActed (field 91), packed by its owner as every change: the assignment meant, the reason, and as `next` the successor without a wrap.';

CREATE FUNCTION cpts.referral_origin_end(f cpts.referral_fact, successor uuid)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  ended uuid := f.origin_id;
BEGIN
  f.version := f.version + 1;
  IF successor IS NULL THEN
    f.overdue := 3;
    UPDATE cpts.assignment a
       SET version = f.version, overdue = 3
     WHERE a.referral_id = f.referral_id AND cpts.is_assignment_active(a.state);
    UPDATE cpts.referral_clock k
       SET level = 3
     WHERE k.referral_id = f.referral_id AND k.kind <> 'WIDEN';
    RETURN f;
  END IF;
  f.origin_id := successor;
  f.origin_region := coalesce((SELECT c.lead_region FROM cpts.cpts c WHERE c.cpts_id = successor),
                              f.origin_region);
  f.proposed_id := nullif(f.proposed_id, successor);
  IF successor <> ALL (f.parties) THEN
    f.parties := f.parties || successor;
  END IF;
  IF f.custodian_id = ended THEN
    f.custodian_id := successor;
  END IF;
  DELETE FROM cpts.referral_candidate c
   WHERE c.referral_id = f.referral_id AND c.destination_id = successor;
  UPDATE cpts.referral r
     SET origin_id = successor, signer_id = coalesce(r.signer_id, ended),
         to_rewrap = NOT r.erased,
         origin_region = f.origin_region
   WHERE r.referral_id = f.referral_id;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_origin_end(cpts.referral_fact, uuid)
  IS 'The origin of a referral ended. A successor is the origin now, and no candidate any more. Without one the desk may act at once, as after three clocks that ran over; attempts under way go on: who was asked may still take the patient.';

CREATE FUNCTION cpts.referral_destination_end(f cpts.referral_fact, successor uuid)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  ended uuid := f.destination_id;
BEGIN
  IF f.state = 'REPORTED' AND successor IS NULL THEN
    f.version := f.version + 1;
    f.custodian_id := f.origin_id;
    UPDATE cpts.assignment a
       SET version = f.version
     WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id;
    RETURN f;
  ELSIF successor IS NULL THEN
    f := cpts.referral_assignment_step(f, ROW('', 'FAILED', 0, 'ORIGIN', '', '*'), 'FAIL',
                                       'DESTINATION_ENDED', NULL);
    RETURN cpts.referral_go_on(f, true);
  END IF;
  f.version := f.version + 1;
  IF successor <> ALL (f.parties) THEN
    f.parties := f.parties || successor;
  END IF;
  IF f.custodian_id = ended THEN
    f.custodian_id := successor;
  END IF;
  UPDATE cpts.assignment a
     SET version = f.version, destination_id = successor, to_rewrap = true,
         former_id = coalesce(a.former_id, ended)
   WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_destination_end(cpts.referral_fact, uuid)
  IS 'The destination of an attempt ended. A successor takes its place in the state it is in; what is sealed stays sealed for the one that ended. Without one the attempt failed, and the next candidate is asked or the origin chooses; one that was reported only waits for its origin, which is answerable for it now.';

CREATE FUNCTION cpts.referral_attempt_merge(f cpts.referral_fact) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  was_offered boolean := f.state IN ('SUBMITTED', 'DELIVERED', 'INFO_REQUESTED');
BEGIN
  IF f.state = 'REPORTED' THEN
    RETURN cpts.referral_assignment_step(f, ROW('', 'CLOSED', 0, 'NOBODY', '', '*'), 'ACKNOWLEDGE',
                                         'CPTS_MERGED', NULL);
  END IF;
  f := cpts.referral_assignment_step(f, ROW('', 'FAILED', 0, 'ORIGIN', '', '*'), 'FAIL',
                                     'CPTS_MERGED', NULL);
  RETURN cpts.referral_go_on(f, was_offered);
END
$$;
COMMENT ON FUNCTION cpts.referral_attempt_merge(cpts.referral_fact)
  IS 'The origin merged into the destination of that attempt, and nobody asks itself: the attempt failed; with a report, the loop is closed. The next candidate is asked only if the destination had not taken the patient: else it chooses, as the origin.';

CREATE FUNCTION cpts.referral_place(f cpts.referral_fact, successor uuid) RETURNS uuid
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN CASE WHEN f.assignment_id IS NULL THEN successor
              WHEN successor = f.origin_id THEN NULL
              WHEN EXISTS (SELECT FROM cpts.assignment a
                            WHERE a.referral_id = f.referral_id AND a.destination_id = successor
                              AND cpts.is_assignment_active(a.state)) THEN NULL
              ELSE successor END;
END
$$;
COMMENT ON FUNCTION cpts.referral_place(cpts.referral_fact, uuid)
  IS 'The successor, where it can take that place: as a destination it is neither the origin nor being asked already; else NULL.';

CREATE FUNCTION cpts.referral_follow(f cpts.referral_fact, heir uuid, principal text,
    command_id uuid, content_hash bytea) RETURNS text
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  is_origin boolean := f.assignment_id IS NULL;
  is_merged boolean := NOT is_origin AND f.destination_id = f.origin_id;
  event  int := CASE WHEN is_origin OR heir IS NOT NULL THEN 29
                     WHEN f.state <> 'REPORTED' THEN 23
                     WHEN is_merged THEN 17 ELSE 29 END;
  own_id uuid := md5(concat_ws(' ', command_id, f.referral_id, f.assignment_id))::uuid;
  bytes  bytea := cpts.referral_ending_bytes(f, principal, own_id,
                    event, CASE WHEN event = 29 THEN '' WHEN is_merged THEN 'CPTS_MERGED'
                                ELSE 'DESTINATION_ENDED' END, heir);
BEGIN
  IF is_origin THEN
    f := cpts.referral_origin_end(f, heir);
  ELSIF is_merged THEN
    f := cpts.referral_attempt_merge(f);
  ELSE
    f := cpts.referral_destination_end(f, heir);
  END IF;
  PERFORM cpts.referral_write(f, '');
  IF heir IS NOT NULL THEN
    PERFORM cpts.sync_scope_add(f.referral_id, f.version, f.origin_region, f.parties);
  END IF;
  PERFORM cpts.log_append('REFERRAL', f.referral_id, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, own_id, content_hash);
  RETURN CASE WHEN heir IS NOT NULL THEN 'HANDED_OVER' WHEN is_origin THEN 'TO_DESK'
              ELSE 'RETURNED' END;
END
$$;
COMMENT ON FUNCTION cpts.referral_follow(cpts.referral_fact, uuid, text, uuid, bytea)
  IS 'Takes one place of a CPTS that ends (origin, or with an assignment its destination) and logs it as HAND_OVER (29), FAIL (23) or, of a report, ACKNOWLEDGE (17): what became of it.';

CREATE FUNCTION cpts.referral_places(ended uuid, live uuid)
  RETURNS TABLE (referral_id uuid, assignment_id uuid)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT r.referral_id, NULL::uuid
    FROM cpts.referral r
   WHERE r.origin_id = ended AND r.ended_at IS NULL
     AND r.owner_node = current_setting('app.log_node')
  UNION ALL
  SELECT a.referral_id, a.assignment_id
    FROM cpts.assignment a
    JOIN cpts.referral r ON r.referral_id = a.referral_id
   WHERE a.destination_id = ended AND a.ended_at IS NULL
     AND r.owner_node = current_setting('app.log_node')
  UNION ALL
  SELECT a.referral_id, a.assignment_id
    FROM cpts.referral r
    JOIN cpts.assignment a ON a.referral_id = r.referral_id
   WHERE r.origin_id = ended AND a.destination_id = live AND a.ended_at IS NULL
     AND r.owner_node = current_setting('app.log_node');
END;
COMMENT ON FUNCTION cpts.referral_places(uuid, uuid)
  IS 'Places of a CPTS in the open referrals of this node: as the origin (without an assignment), as the destination of an attempt; and attempts of its own at its successor, which is to be their origin.';

CREATE FUNCTION cpts.referrals_follow(ended uuid, successor uuid, principal text, command_id uuid,
    content_hash bytea) RETURNS text[]
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  live uuid := (SELECT c.cpts_id FROM cpts.cpts c JOIN cpts.stage s ON s.code = c.stage
                 WHERE c.cpts_id = successor AND s.is_live);
  place record;
  f     cpts.referral_fact;
  became text[] := '{}';
BEGIN
  IF NOT EXISTS (SELECT FROM cpts.cpts c
                  WHERE c.cpts_id = ended AND cpts.may_write(c.lead_region, c.cpts_id)) THEN
    RAISE insufficient_privilege USING MESSAGE = 'referrals of a CPTS that is not in scope';
  END IF;
  FOR place IN
    SELECT p.referral_id, p.assignment_id FROM cpts.referral_places(ended, live) p
     ORDER BY 1, 2 NULLS FIRST
  LOOP
    f := cpts.referral_fact_find(place.referral_id, place.assignment_id);
    became := became || cpts.referral_follow(f, cpts.referral_place(f, live), principal, command_id,
                                             content_hash);
  END LOOP;
  PERFORM cpts.pathways_follow(ended, live);
  RETURN ARRAY(SELECT concat_ws(' ', 'REFERRAL', '-', b.what, '-', '-', count(*))
                 FROM unnest(became) AS b (what) GROUP BY b.what ORDER BY b.what);
END
$$;
COMMENT ON FUNCTION cpts.referrals_follow(uuid, uuid, text, uuid, bytea)
  IS 'Every open referral of this node in which a CPTS takes part that ends with this command, to a successor (one that is live) or without. Gives "REFERRAL - <HANDED_OVER, RETURNED or TO_DESK> - - <how many>" of each kind. SECURITY DEFINER: it concerns CPTS of other regions, too; only whoever may change the CPTS that ends may call it.';
REVOKE EXECUTE ON FUNCTION cpts.referrals_follow(uuid, uuid, text, uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.referrals_follow(uuid, uuid, text, uuid, bytea) TO cpts_app;

COMMIT;
