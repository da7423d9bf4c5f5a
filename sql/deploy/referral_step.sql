-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_step
-- What a step of a referral changes: state, custody, clocks, who is asked next. Effects only:
-- whoever calls has judged (the commands of change referral_act; the server for its own steps; a
-- replica, for which the owner judged). Which step leads where is proto/wire/referral_step.c and
-- comes as a cpts.referral_rule.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TYPE cpts.referral_rule AS (
  from_states text,
  to_state    text,
  overdue_min int,
  custody     text,
  arms        text,
  stops       text
);
COMMENT ON TYPE cpts.referral_rule
  IS 'A row of the table of steps as one party may take it: states between blanks ('''' = never), state entered (or PREVIOUS, SAME), overdue level needed, STAYS | DESTINATION | ORIGIN | NOBODY, clock armed or '''', clocks that stop between blanks (or *).';

CREATE TYPE cpts.referral_fact AS (
  referral_id         uuid,
  owner_node          text,
  epoch               int,
  version             int,
  status              text,
  use_case            text,
  urgency             text,
  origin_id           uuid,
  origin_region       text,
  custodian_id        uuid,
  parties             uuid[],
  visited             uuid[],
  hop_count           int,
  proposed_id         uuid,
  consent_withdrawn   boolean,
  overdue             int,
  unroutable          boolean,
  entered_in_error    boolean,
  erased              boolean,
  assignment_id       uuid,
  destination_id      uuid,
  destination_region  text,
  destination_node    text,
  assignment_version  int,
  state               text,
  previous_state      text,
  assignment_overdue  int,
  dispute_count       int,
  info_count          int,
  assignment_in_error boolean,
  attempt_over        boolean
);
COMMENT ON TYPE cpts.referral_fact
  IS 'A referral with one of its assignments (NULL: none is meant), as steps read and change it. attempt_over: the step ended the attempt without success, and who is next is not settled.';

CREATE FUNCTION cpts.no_assignment() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN '00000000-0000-0000-0000-000000000000'::uuid;
COMMENT ON FUNCTION cpts.no_assignment() IS 'What stands for an assignment in a clock of the referral itself.';

CREATE FUNCTION cpts.is_assignment_active(state text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN state IN ('SUBMITTED', 'DELIVERED', 'INFO_REQUESTED', 'ACCEPTED', 'SCHEDULED',
                   'IN_PROGRESS', 'CANCEL_REQUESTED', 'REPORTED');
COMMENT ON FUNCTION cpts.is_assignment_active(text) IS 'The state is not terminal.';

CREATE FUNCTION cpts.is_cpts_live(cpts uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.cpts c JOIN cpts.stage s ON s.code = c.stage
                  WHERE c.cpts_id = is_cpts_live.cpts AND s.is_live);
END
$$;
COMMENT ON FUNCTION cpts.is_cpts_live(uuid) IS 'That CPTS is there and has not ended.';

CREATE FUNCTION cpts.referral_clock_region(f cpts.referral_fact, kind text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN CASE WHEN kind IN ('REASSIGN', 'WIDEN', 'ANSWER', 'ACKNOWLEDGE') THEN f.origin_region
              ELSE f.destination_region END;
END
$$;
COMMENT ON FUNCTION cpts.referral_clock_region(cpts.referral_fact, text)
  IS 'Lead region of the CPTS that has to act before such a clock fires: its working days count, by its local time.';

CREATE FUNCTION cpts.referral_arm(f cpts.referral_fact, kind text, base timestamptz)
  RETURNS timestamptz
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  is_own boolean := kind IN ('REASSIGN', 'WIDEN');
  due    timestamptz := cpts.referral_fire_at(kind, f.urgency, 0,
                                              cpts.referral_clock_region(f, kind), base);
BEGIN
  INSERT INTO cpts.referral_clock AS k (referral_id, assignment_id, kind, fire_at, armed_at)
    VALUES (f.referral_id, CASE WHEN is_own THEN cpts.no_assignment() ELSE f.assignment_id END,
            referral_arm.kind, due, cpts.log_now())
    ON CONFLICT ON CONSTRAINT referral_clock_key
    DO UPDATE SET fire_at = excluded.fire_at, level = 0, armed_at = excluded.armed_at;
  RETURN due;
END
$$;
COMMENT ON FUNCTION cpts.referral_arm(cpts.referral_fact, text, timestamptz)
  IS 'Arms a clock, or arms it anew: REASSIGN and WIDEN are the referral''s, the others the assignment''s. Gives when it fires.';

CREATE FUNCTION cpts.referral_fact_find(of_referral uuid, of_assignment uuid)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  f cpts.referral_fact;
BEGIN
  SELECT r.referral_id, r.owner_node, r.epoch, r.version, r.status, r.use_case, r.urgency,
         r.origin_id, r.origin_region, r.custodian_id, r.parties, r.visited, r.hop_count,
         r.proposed_id, r.consent_withdrawn, r.overdue, r.unroutable, r.entered_in_error, r.erased,
         a.assignment_id, a.destination_id, c.lead_region, c.owner_node, a.version, a.state,
         a.previous_state, a.overdue, a.dispute_count, a.info_count, a.entered_in_error, false
    INTO f
    FROM cpts.referral r
    LEFT JOIN cpts.assignment a
      ON a.referral_id = r.referral_id AND a.assignment_id = of_assignment
    LEFT JOIN cpts.cpts c ON c.cpts_id = a.destination_id
   WHERE r.referral_id = of_referral;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_fact_find(uuid, uuid)
  IS 'That referral with that assignment (NULL: with none); every column NULL when there is none.';

CREATE FUNCTION cpts.referral_write(f cpts.referral_fact, ended_for text) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  UPDATE cpts.referral r
     SET version = f.version, updated_at = cpts.log_now(), status = f.status,
         custodian_id = f.custodian_id, parties = f.parties, visited = f.visited,
         hop_count = f.hop_count, proposed_id = f.proposed_id, overdue = f.overdue,
         unroutable = f.unroutable, entered_in_error = f.entered_in_error,
         reason = CASE WHEN f.status = 'ABANDONED' THEN ended_for ELSE r.reason END,
         ended_at = CASE WHEN f.status IN ('FULFILLED', 'ABANDONED')
                         THEN coalesce(r.ended_at, cpts.log_now()) END
   WHERE r.referral_id = f.referral_id;
  RETURN f.version;
END
$$;
COMMENT ON FUNCTION cpts.referral_write(cpts.referral_fact, text)
  IS 'Stores what a step made of the referral itself, and gives its version; the text is the reason of an ABANDONED one.';

CREATE FUNCTION cpts.referral_ask(f cpts.referral_fact, of_assignment uuid, destination uuid,
    wrap bytea) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at  timestamptz := cpts.log_now();
  ignored timestamptz;
BEGIN
  f.assignment_id := of_assignment;
  f.destination_id := destination;
  SELECT c.lead_region, c.owner_node INTO f.destination_region, f.destination_node
    FROM cpts.cpts c WHERE c.cpts_id = destination;
  f.state := CASE WHEN f.destination_node = f.owner_node THEN 'DELIVERED' ELSE 'SUBMITTED' END;
  f.assignment_version := f.version;
  f.assignment_overdue := 0;
  INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version, state, hop,
      wrap, submitted_at, state_at)
    VALUES (f.referral_id, of_assignment, destination, f.version, f.state, f.hop_count,
      referral_ask.wrap, now_at, now_at);
  ignored := cpts.referral_arm(f, CASE f.state WHEN 'DELIVERED' THEN 'DECIDE' ELSE 'DELIVER' END,
                               now_at);
  IF destination <> ALL (f.parties) THEN
    f.parties := f.parties || destination;
  END IF;
  IF f.destination_region <> f.origin_region THEN
    PERFORM cpts.sync_scope_add(f.referral_id, f.version, f.origin_region, ARRAY[destination]);
  END IF;
  f.status := 'OPEN';
  f.entered_in_error := false;
  f.attempt_over := false;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_ask(cpts.referral_fact, uuid, uuid, bytea)
  IS 'Asks a CPTS: a new assignment, which the fact then means; a referral whose attempts were all mistakes is none from now on. One that the owner of the referral serves holds it durably with the commit: DELIVERED at once.';

CREATE FUNCTION cpts.referral_candidate_next(f cpts.referral_fact, wanted uuid DEFAULT NULL)
  RETURNS cpts.referral_candidate
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  c cpts.referral_candidate;
BEGIN
  SELECT n.referral_id, n.rank, n.assignment_id, n.destination_id, n.wrap INTO c
    FROM cpts.referral_candidate n
   WHERE n.referral_id = f.referral_id
     AND (wanted IS NULL OR n.destination_id = wanted)
     AND n.destination_id <> ALL (f.visited)
     AND cpts.may_receive(n.destination_id, f.use_case)
     AND NOT EXISTS (SELECT FROM cpts.assignment a
                      WHERE a.referral_id = f.referral_id AND a.destination_id = n.destination_id
                        AND cpts.is_assignment_active(a.state))
   ORDER BY n.rank LIMIT 1;
  RETURN c;
END
$$;
COMMENT ON FUNCTION cpts.referral_candidate_next(cpts.referral_fact, uuid)
  IS 'The next candidate, or that CPTS if it is one; whoever was visited, is being asked or may receive no more is left out. Every column NULL: there is none.';

CREATE FUNCTION cpts.referral_candidate_ask(f cpts.referral_fact, wanted uuid)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  c cpts.referral_candidate := cpts.referral_candidate_next(f, wanted);
BEGIN
  IF c.referral_id IS NULL THEN
    RETURN f;
  END IF;
  DELETE FROM cpts.referral_candidate n
   WHERE n.referral_id = c.referral_id AND n.rank = c.rank;
  RETURN cpts.referral_ask(f, c.assignment_id, c.destination_id, c.wrap);
END
$$;
COMMENT ON FUNCTION cpts.referral_candidate_ask(cpts.referral_fact, uuid)
  IS 'Asks the next candidate (NULL), or that CPTS if it is one. The fact unchanged: there is none.';

CREATE FUNCTION cpts.referral_widen_arm(f cpts.referral_fact) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  ignored timestamptz;
BEGIN
  IF EXISTS (SELECT FROM cpts.referral_candidate c WHERE c.referral_id = f.referral_id) THEN
    ignored := cpts.referral_arm(f, 'WIDEN', cpts.log_now());
  ELSE
    DELETE FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = cpts.no_assignment()
       AND k.kind = 'WIDEN';
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.referral_widen_arm(cpts.referral_fact)
  IS 'The WIDEN clock runs from now while there are candidates, else not.';

CREATE FUNCTION cpts.referral_go_on(f cpts.referral_fact, next_is_asked boolean)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  ignored timestamptz;
BEGIN
  IF NOT f.attempt_over
     OR EXISTS (SELECT FROM cpts.assignment a
                 WHERE a.referral_id = f.referral_id AND cpts.is_assignment_active(a.state)) THEN
    f.attempt_over := false;
    RETURN f;
  END IF;
  IF next_is_asked AND NOT f.consent_withdrawn AND NOT f.erased THEN
    f := cpts.referral_candidate_ask(f, NULL);
    IF NOT f.attempt_over THEN
      PERFORM cpts.referral_widen_arm(f);
      RETURN f;
    END IF;
  END IF;
  f.attempt_over := false;
  f.status := 'TO_REASSIGN';
  f.overdue := 0;
  DELETE FROM cpts.referral_clock k WHERE k.referral_id = f.referral_id;
  ignored := cpts.referral_arm(f, 'REASSIGN', cpts.log_now());
  IF NOT cpts.is_cpts_live(f.origin_id) THEN
    f.overdue := 3;
    UPDATE cpts.referral_clock k SET level = 3
     WHERE k.referral_id = f.referral_id AND k.assignment_id = cpts.no_assignment()
       AND k.kind = 'REASSIGN';
  END IF;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_go_on(cpts.referral_fact, boolean)
  IS 'After an attempt without success: while another one is under way, nothing; else the next candidate is asked at once, and without one the origin has to choose (TO_REASSIGN). An origin that has ended chooses nobody: the desk may at once. False: the origin itself ended it, so nobody is asked.';

CREATE FUNCTION cpts.referral_decide_shift(f cpts.referral_fact, event text) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at timestamptz := cpts.log_now();
BEGIN
  IF event = 'ASK_INFO' AND f.info_count = 0 THEN
    UPDATE cpts.referral_clock k
       SET fire_at = k.fire_at + (cpts.referral_fire_at('ANSWER', f.urgency, 0, f.origin_region,
                                                        now_at) - now_at)
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id
       AND k.kind = 'DECIDE';
  ELSIF event = 'ANSWER_INFO' AND f.info_count = 1 THEN
    UPDATE cpts.referral_clock k
       SET fire_at = k.fire_at - (a.fire_at - now_at)
      FROM cpts.referral_clock a
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id
       AND k.kind = 'DECIDE' AND a.referral_id = f.referral_id
       AND a.assignment_id = f.assignment_id AND a.kind = 'ANSWER' AND a.level = 0
       AND a.fire_at > now_at;
  END IF;
END
$$;
COMMENT ON FUNCTION cpts.referral_decide_shift(cpts.referral_fact, text)
  IS 'The decision clock pauses for the first question, at most as long as an answer may take: asking pushes it by that, answering gives back what was not used.';

CREATE FUNCTION cpts.referral_clocks_follow(f cpts.referral_fact, rule cpts.referral_rule,
    event text, scheduled timestamptz) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at  timestamptz := cpts.log_now();
  due     timestamptz;
  was_due timestamptz;
  until   timestamptz;
  level   int := 0;
  kept    int;
BEGIN
  IF event IN ('SCHEDULE', 'NO_SHOW', 'CANCEL_VISIT') THEN
    SELECT max(k.level), min(k.fire_at) INTO kept, was_due
      FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id
       AND k.kind IN ('REPORT', 'REBOOK');
    SELECT a.first_scheduled_at
           + make_interval(hours => cpts.visit_hours_max(f.urgency, f.destination_region))
      INTO until
      FROM cpts.assignment a
     WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id;
  END IF;
  IF event IN ('ASK_INFO', 'ANSWER_INFO') THEN
    PERFORM cpts.referral_decide_shift(f, event);
  END IF;
  IF event = 'ACCEPT' OR rule.custody = 'NOBODY' THEN
    DELETE FROM cpts.referral_clock k WHERE k.referral_id = f.referral_id;
  ELSIF rule.stops = '*' THEN
    DELETE FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id;
  ELSIF rule.stops <> '' THEN
    DELETE FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id
       AND k.kind = ANY (string_to_array(rule.stops, ' '));
  END IF;
  IF rule.arms <> '' THEN
    due := cpts.referral_arm(f, rule.arms, least(greatest(scheduled, now_at), until));
    -- Put off as long as dates may: the time at which it was due stays.
    IF kept > 0 OR due <= now_at THEN
      UPDATE cpts.referral_clock k
         SET level = coalesce(kept, 0),
             fire_at = CASE WHEN due <= now_at THEN coalesce(was_due, due) ELSE due END
       WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id
         AND k.kind = rule.arms;
    END IF;
  END IF;
  IF f.assignment_overdue > 0 THEN
    SELECT coalesce(max(k.level), 0) INTO level
      FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = f.assignment_id;
  END IF;
  RETURN level;
END
$$;
COMMENT ON FUNCTION cpts.referral_clocks_follow(cpts.referral_fact, cpts.referral_rule, text, timestamptz)
  IS 'Stops and arms the clocks of an assignment as the step says; with SCHEDULE the report is counted from the date of care, but from no later instant than the limit of visits (cpts.visit_hours_max()) after the first date was set: dates that are moved, missed and set again put the clocks off that long and no longer. Moving or missing a visit keeps the overdue level. Gives the overdue level of what is still armed.';

CREATE FUNCTION cpts.referral_assignment_step(f cpts.referral_fact, rule cpts.referral_rule,
    event text, reason text, scheduled timestamptz) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  now_at  timestamptz := cpts.log_now();
  was_active boolean := cpts.is_assignment_active(f.state);
  entered text := CASE WHEN NOT was_active OR rule.to_state = 'SAME' THEN f.state
                       WHEN rule.to_state = 'PREVIOUS' THEN f.previous_state
                       ELSE rule.to_state END;
  is_active  boolean := cpts.is_assignment_active(entered);
  is_sealed_for boolean;
BEGIN
  f.version := f.version + 1;
  IF was_active THEN
    f.assignment_overdue := cpts.referral_clocks_follow(f, rule, event, scheduled);
  END IF;
  UPDATE cpts.assignment a
     SET version = f.version, state = entered,
         previous_state = CASE WHEN entered = 'CANCEL_REQUESTED' THEN f.state ELSE '' END,
         overdue = f.assignment_overdue,
         reason = CASE WHEN referral_assignment_step.reason <> '' AND was_active
                       THEN referral_assignment_step.reason ELSE a.reason END,
         scheduled_for = CASE event WHEN 'SCHEDULE' THEN scheduled WHEN 'CANCEL_VISIT' THEN NULL
                                    ELSE a.scheduled_for END,
         first_scheduled_at = CASE event WHEN 'SCHEDULE'
                                THEN coalesce(a.first_scheduled_at, now_at)
                                ELSE a.first_scheduled_at END,
         no_show_count = a.no_show_count + (event = 'NO_SHOW')::int,
         dispute_count = a.dispute_count + (event = 'DISPUTE')::int,
         info_count = a.info_count + (event = 'ASK_INFO')::int,
         info_asked_at = CASE event WHEN 'ASK_INFO' THEN now_at WHEN 'ANSWER_INFO' THEN NULL
                                    ELSE a.info_asked_at END,
         entered_in_error = a.entered_in_error OR (event = 'ENTER_IN_ERROR' AND NOT was_active),
         state_at = CASE WHEN entered = f.state THEN a.state_at ELSE now_at END,
         accepted_at = CASE event WHEN 'ACCEPT' THEN now_at ELSE a.accepted_at END,
         reported_at = CASE event WHEN 'REPORT' THEN now_at ELSE a.reported_at END,
         ended_at = CASE WHEN was_active AND NOT is_active THEN now_at ELSE a.ended_at END
   WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id
  RETURNING NOT a.to_rewrap INTO is_sealed_for;
  f.state := entered;
  f.assignment_version := f.version;
  f.dispute_count := f.dispute_count + (event = 'DISPUTE')::int;
  f.attempt_over := was_active AND NOT is_active AND entered <> 'CLOSED';
  IF event = 'ACCEPT' THEN
    -- Parties are the origin and whoever was asked: with two, nobody else was.
    IF cardinality(f.parties) > 2 THEN
      UPDATE cpts.assignment a
         SET version = f.version, state = 'WITHDRAWN', reason = 'TAKEN', overdue = 0,
             previous_state = '', state_at = now_at, ended_at = now_at
       WHERE a.referral_id = f.referral_id AND a.assignment_id <> f.assignment_id
         AND cpts.is_assignment_active(a.state);
    END IF;
    f.custodian_id := f.destination_id;
    f.proposed_id := NULL;
  ELSIF entered = 'CLOSED' AND was_active THEN
    f.status := 'FULFILLED';
    f.custodian_id := NULL;
    DELETE FROM cpts.referral_candidate c WHERE c.referral_id = f.referral_id;
  ELSIF f.attempt_over THEN
    f.custodian_id := f.origin_id;
    -- What was sealed for the CPTS that merged into it, nobody there could read: it was not asked.
    IF entered IN ('DECLINED', 'REDIRECTED', 'FAILED') AND is_sealed_for THEN
      f.visited := f.visited || f.destination_id;
    END IF;
  END IF;
  IF event = 'ENTER_IN_ERROR' THEN
    f.entered_in_error := NOT EXISTS (SELECT FROM cpts.assignment a
      WHERE a.referral_id = f.referral_id AND a.state <> 'ENTERED_IN_ERROR'
        AND NOT a.entered_in_error);
  END IF;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_assignment_step(cpts.referral_fact, cpts.referral_rule, text, text, timestamptz)
  IS 'Takes a step of an assignment: its row, its clocks, custody; with ACCEPT the other attempts end as taken. The version goes up by one. Then cpts.referral_go_on(), then cpts.referral_write().';

CREATE FUNCTION cpts.referral_redirect(f cpts.referral_fact, next_id uuid, next_assignment uuid,
    next_wrap bytea) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  f.hop_count := f.hop_count + 1;
  IF next_wrap IS NOT NULL THEN
    RETURN cpts.referral_ask(f, next_assignment, next_id, next_wrap);
  END IF;
  f := cpts.referral_candidate_ask(f, next_id);
  IF f.attempt_over THEN
    f.proposed_id := next_id;
  ELSE
    PERFORM cpts.referral_widen_arm(f);
  END IF;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_redirect(cpts.referral_fact, uuid, uuid, bytea)
  IS 'Where a redirect leads, after its attempt ended: sealed by the one that had accepted, the new CPTS is asked; a candidate is asked; else it is a proposal that waits for the origin to seal.';

CREATE FUNCTION cpts.referral_reassign(f cpts.referral_fact, assignments uuid[],
    destinations uuid[], wraps bytea[], at_once int) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  f.version := f.version + 1;
  f.proposed_id := NULL;
  f.unroutable := false;
  f.overdue := 0;
  DELETE FROM cpts.referral_clock k WHERE k.referral_id = f.referral_id;
  DELETE FROM cpts.referral_candidate c WHERE c.referral_id = f.referral_id;
  FOR n IN 1 .. at_once LOOP
    f := cpts.referral_ask(f, assignments[n], destinations[n], wraps[n]);
  END LOOP;
  INSERT INTO cpts.referral_candidate (referral_id, rank, assignment_id, destination_id, wrap)
    SELECT f.referral_id, c.rank - at_once, c.assignment_id, c.destination_id, c.wrap
      FROM unnest(assignments, destinations, wraps) WITH ORDINALITY
           AS c (assignment_id, destination_id, wrap, rank)
     WHERE c.rank > at_once;
  PERFORM cpts.referral_widen_arm(f);
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_reassign(cpts.referral_fact, uuid[], uuid[], bytea[], int)
  IS 'The origin chose again: the first at_once CPTS are asked, the others are the candidates in place of the former ones.';

CREATE FUNCTION cpts.referral_abandon(f cpts.referral_fact) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  f.version := f.version + 1;
  f.status := 'ABANDONED';
  f.custodian_id := NULL;
  f.proposed_id := NULL;
  DELETE FROM cpts.referral_clock k WHERE k.referral_id = f.referral_id;
  DELETE FROM cpts.referral_candidate c WHERE c.referral_id = f.referral_id;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_abandon(cpts.referral_fact)
  IS 'The referral is given up; no attempt is under way.';

CREATE FUNCTION cpts.referral_widen(f cpts.referral_fact) RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  asked cpts.referral_fact := cpts.referral_candidate_ask(f, NULL);
BEGIN
  PERFORM cpts.referral_widen_arm(f);
  RETURN asked;
END
$$;
COMMENT ON FUNCTION cpts.referral_widen(cpts.referral_fact)
  IS 'Asks the next candidate as well; its version is that of the fact, which the caller raised. The WIDEN clock runs anew while there are others.';

COMMIT;
