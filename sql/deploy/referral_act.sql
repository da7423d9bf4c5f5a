-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_act
-- The commands of referrals: each judges first, then lets the functions of change referral_step do
-- it, and appends one entry to the log. They run as their owner: a policy would be asked for every
-- row of some ten statements. In its place each asks once whose scope it is (referral_party()),
-- before anything else, by the rule of the policies (takes_part()).
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.referral_reason (
  event      text    NOT NULL,
  code       text    NOT NULL,
  rank       int     NOT NULL,
  label      text    NOT NULL,
  fixed      boolean NOT NULL,
  source     text    NOT NULL,
  confidence text    NOT NULL,
  CONSTRAINT referral_reason_key PRIMARY KEY (event, code),
  CONSTRAINT referral_reason_code_shape CHECK (code ~ '^[A-Z][A-Z_]{2,39}$')
);
COMMENT ON TABLE cpts.referral_reason IS 'Coded reasons of the steps of a referral. Reference data.';
COMMENT ON COLUMN cpts.referral_reason.event IS 'Step, as cpts.v1.ReferralEvent.';
COMMENT ON COLUMN cpts.referral_reason.code IS 'Code, as in facts.';
COMMENT ON COLUMN cpts.referral_reason.rank IS 'Order among those of the step, from 1.';
COMMENT ON COLUMN cpts.referral_reason.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.referral_reason.fixed IS 'Given by the server with the step, never by a caller.';
COMMENT ON COLUMN cpts.referral_reason.source IS 'Where it comes from.';
COMMENT ON COLUMN cpts.referral_reason.confidence IS 'CONFIRMED, INFERRED or UNVERIFIED.';

CREATE TABLE cpts.parked_act (
  parked_id          uuid        NOT NULL,
  principal          text        NOT NULL,
  command_id         uuid        NOT NULL,
  content_hash       bytea       NOT NULL,
  scope              text        NOT NULL,
  referral_id        uuid        NOT NULL,
  assignment_id      uuid,
  event              text        NOT NULL,
  reason             text        NOT NULL,
  refusal            text        NOT NULL,
  expected_version   int         NOT NULL,
  found_version      int         NOT NULL,
  found_state        text        NOT NULL,
  found_status       text        NOT NULL,
  actor              bytea       NOT NULL,
  parked_at          timestamptz NOT NULL,
  resolution         text        NOT NULL DEFAULT '',
  resolve_command_id uuid,
  resolved_by        text        NOT NULL DEFAULT '',
  resolved_at        timestamptz,
  CONSTRAINT parked_act_key PRIMARY KEY (parked_id),
  CONSTRAINT parked_act_command UNIQUE (principal, command_id),
  CONSTRAINT parked_act_resolution_known CHECK (resolution IN ('', 'DISCARDED', 'REDONE')),
  CONSTRAINT parked_act_resolved
    CHECK ((resolution = '') = (resolved_at IS NULL)
           AND (resolution = '') = (resolve_command_id IS NULL))
);
CREATE UNIQUE INDEX parked_act_principal_referral_id_coalesce_event_idx ON cpts.parked_act
  (principal, referral_id, coalesce(assignment_id, cpts.no_assignment()), event)
  WHERE resolution = '';
CREATE INDEX parked_act_scope_parked_id_idx ON cpts.parked_act (scope, parked_id);
COMMENT ON TABLE cpts.parked_act
  IS 'Acts that waited in an outbox and came when the state had moved on: never dropped, never forced; somebody of that scope decides.';
COMMENT ON COLUMN cpts.parked_act.parked_id IS 'UUIDv7 minted by the server: the order of the list.';
COMMENT ON COLUMN cpts.parked_act.principal IS 'Identity that sent it.';
COMMENT ON COLUMN cpts.parked_act.command_id IS 'Command that was refused.';
COMMENT ON COLUMN cpts.parked_act.content_hash IS 'SHA-256 of that command.';
COMMENT ON COLUMN cpts.parked_act.scope IS 'Scope of that identity: who sees the act and resolves it.';
COMMENT ON COLUMN cpts.parked_act.referral_id IS 'The referral.';
COMMENT ON COLUMN cpts.parked_act.assignment_id IS 'The assignment; NULL for a step of the referral itself.';
COMMENT ON COLUMN cpts.parked_act.event IS 'The step.';
COMMENT ON COLUMN cpts.parked_act.reason IS 'Coded reason that came with it, or empty.';
COMMENT ON COLUMN cpts.parked_act.refusal IS 'Why it was refused: STALE_VERSION or ILLEGAL_REFERRAL_ACT.';
COMMENT ON COLUMN cpts.parked_act.expected_version IS 'Version that its author had seen.';
COMMENT ON COLUMN cpts.parked_act.found_version IS 'Version found.';
COMMENT ON COLUMN cpts.parked_act.found_state IS 'State of the assignment found, or empty.';
COMMENT ON COLUMN cpts.parked_act.found_status IS 'Status of the referral found.';
COMMENT ON COLUMN cpts.parked_act.actor IS 'cpts.v1.Actor on whose behalf it was.';
COMMENT ON COLUMN cpts.parked_act.parked_at IS 'When it was parked.';
COMMENT ON COLUMN cpts.parked_act.resolution IS 'DISCARDED, REDONE, or empty before.';
COMMENT ON COLUMN cpts.parked_act.resolve_command_id IS 'Command that resolved it; NULL before.';
COMMENT ON COLUMN cpts.parked_act.resolved_by IS 'Identity that resolved it, or empty.';
COMMENT ON COLUMN cpts.parked_act.resolved_at IS 'When; NULL before.';
ALTER TABLE cpts.parked_act ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.parked_act FORCE ROW LEVEL SECURITY;
CREATE POLICY parked_act_all ON cpts.parked_act
  USING (current_setting('app.scope', true) IN ('*', scope))
  WITH CHECK (current_setting('app.scope', true) IN ('*', scope));

CREATE TYPE cpts.referral_answer AS (
  outcome      text,
  referral_id  uuid,
  version      int,
  log_position bigint,
  detail       text,
  status       text,
  state        text,
  overdue      int,
  party        int,
  disputed     boolean,
  parked_id    uuid
);
COMMENT ON TYPE cpts.referral_answer
  IS 'What a command of referrals answers: the five columns of every command, then where the referral and the assignment stand and as whom the caller acts (1 origin, 2 destination, 3 server, 4 desk; 0 none).';

CREATE FUNCTION cpts.referral_party(f cpts.referral_fact, as_node text) RETURNS int
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  me text := current_setting('app.scope', true);
BEGIN
  RETURN CASE WHEN as_node <> '' THEN CASE WHEN f.destination_node = as_node THEN 3 END
              WHEN NOT cpts.takes_part(f.parties, f.origin_region) THEN NULL
              WHEN me = 'cpts:' || f.origin_id THEN 1
              WHEN me = 'cpts:' || f.destination_id THEN 2
              WHEN me = 'region:' || f.origin_region THEN 4
              WHEN me = '*' THEN 3
              ELSE 0 END;
END
$$;
COMMENT ON FUNCTION cpts.referral_party(cpts.referral_fact, text)
  IS 'As whom this transaction''s scope acts on that assignment, numbers of cpts.v1.Party; 0: takes part, but not in that assignment; NULL: in nothing of it, so that it does not exist for the caller. With a node: the server of that node, for a destination which it serves.';

CREATE FUNCTION cpts.referral_answer_of(f cpts.referral_fact, outcome text, party int)
  RETURNS cpts.referral_answer
  LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
  a cpts.referral_answer;
BEGIN
  a.outcome := outcome;
  a.referral_id := f.referral_id;
  a.version := coalesce(f.assignment_version, f.version);
  a.status := f.status;
  a.state := coalesce(f.state, '');
  a.overdue := coalesce(f.assignment_overdue, f.overdue);
  a.party := party;
  a.disputed := coalesce(f.dispute_count > 0, false);
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_answer_of(cpts.referral_fact, text, int)
  IS 'An answer that tells where the assignment stands, or the referral when none is meant.';

CREATE FUNCTION cpts.referral_seen(principal text, command_id uuid, content_hash bytea,
    f cpts.referral_fact, party int) RETURNS cpts.referral_answer
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  a cpts.referral_answer;
  c cpts.command;
BEGIN
  SELECT s.content_hash, s.version, s.log_position INTO c.content_hash, c.version, c.log_position
    FROM cpts.command s
   WHERE s.principal = referral_seen.principal AND s.command_id = referral_seen.command_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF c.content_hash <> referral_seen.content_hash THEN
    a.outcome := 'COMMAND_ID_REUSED';
    RETURN a;
  END IF;
  a := cpts.referral_answer_of(f, 'REPLAYED', party);
  a.version := c.version;
  a.log_position := c.log_position;
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_seen(text, uuid, bytea, cpts.referral_fact, int)
  IS 'The outcome of a command that was carried out before, with where things stand now; NULL when it was not.';

CREATE FUNCTION cpts.recipient_refusal(f cpts.referral_fact, destinations uuid[]) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  refusal text;
BEGIN
  SELECT CASE WHEN c.cpts_id IS NULL THEN 'RECIPIENT_UNKNOWN '
              WHEN d.id = f.origin_id OR NOT cpts.may_receive(d.id, f.use_case)
                THEN 'RECIPIENT_NOT_ELIGIBLE '
              WHEN d.id = ANY (f.visited) THEN 'REDIRECT_CYCLE '
              WHEN f.version > 0
                   AND EXISTS (SELECT FROM cpts.assignment a
                                WHERE a.referral_id = f.referral_id AND a.destination_id = d.id
                                  AND cpts.is_assignment_active(a.state))
                THEN 'RECIPIENT_REPEATED ' END || d.id
    INTO refusal
    FROM unnest(destinations) WITH ORDINALITY AS d (id, n)
    LEFT JOIN cpts.cpts c ON c.cpts_id = d.id
   ORDER BY 1 IS NULL, d.n
   LIMIT 1;
  RETURN refusal;
END
$$;
COMMENT ON FUNCTION cpts.recipient_refusal(cpts.referral_fact, uuid[])
  IS 'Why the first of those CPTS may not be asked, and its id; NULL: each may. Known, at a stage that receives, not the origin, not visited, not being asked.';

CREATE FUNCTION cpts.is_sealed_over(of_referral uuid, sealed_hashes bytea) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.referral r
                  WHERE r.referral_id = of_referral
                    AND r.offer_hash || r.content_hash = sealed_hashes);
END
$$;
COMMENT ON FUNCTION cpts.is_sealed_over(uuid, bytea)
  IS 'Those are the hashes of that referral''s offer and content, one after the other: a wrap signed over them is for this referral.';

CREATE FUNCTION cpts.assignment_id_taken(of_referral uuid, ids uuid[]) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.assignment a
                  WHERE a.referral_id = of_referral AND a.assignment_id = ANY (ids))
      OR EXISTS (SELECT FROM cpts.referral_candidate c
                  WHERE c.referral_id = of_referral AND c.assignment_id = ANY (ids));
END
$$;
COMMENT ON FUNCTION cpts.assignment_id_taken(uuid, uuid[])
  IS 'An attempt or a candidate of that referral has one of these ids.';

CREATE FUNCTION cpts.referral_park(a cpts.referral_answer, parked_id uuid, principal text,
    command_id uuid, content_hash bytea, of_assignment uuid, event text, reason text, version_seen int, actor bytea)
  RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
  same boolean;
BEGIN
  IF parked_id IS NULL OR a.outcome NOT IN ('STALE_VERSION', 'ILLEGAL_REFERRAL_ACT') THEN
    RETURN a;
  END IF;
  SELECT p.content_hash = referral_park.content_hash, p.parked_id INTO same, a.parked_id
    FROM cpts.parked_act p
   WHERE p.principal = referral_park.principal AND p.command_id = referral_park.command_id;
  IF same THEN
    RETURN a;
  ELSIF NOT same THEN
    a.outcome := 'COMMAND_ID_REUSED';
    a.parked_id := NULL;
    RETURN a;
  END IF;
  IF (SELECT count(*) FROM (SELECT FROM cpts.parked_act p
                             WHERE p.scope = current_setting('app.scope') AND p.resolution = ''
                             LIMIT 500) n) >= 500
     AND NOT EXISTS (SELECT FROM cpts.parked_act p
                      WHERE p.principal = referral_park.principal
                        AND p.referral_id = a.referral_id AND p.resolution = ''
                        AND p.assignment_id IS NOT DISTINCT FROM of_assignment
                        AND p.event = referral_park.event) THEN
    a.outcome := 'TOO_MANY_PARKED_ACTS';
    a.detail := 500;
    RETURN a;
  END IF;
  INSERT INTO cpts.parked_act AS p (parked_id, principal, command_id, content_hash, scope, referral_id,
      assignment_id, event, reason, refusal, expected_version, found_version, found_state,
      found_status, actor, parked_at)
    VALUES (referral_park.parked_id, referral_park.principal, referral_park.command_id,
      referral_park.content_hash, current_setting('app.scope'), a.referral_id, of_assignment, referral_park.event,
      referral_park.reason, a.outcome, version_seen, a.version, a.state, a.status,
      referral_park.actor, cpts.log_now())
    ON CONFLICT (principal, referral_id, (coalesce(assignment_id, cpts.no_assignment())), event)
    WHERE resolution = ''
    DO UPDATE SET principal = p.principal
  RETURNING p.parked_id INTO a.parked_id;
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_park(cpts.referral_answer, uuid, text, uuid, bytea, uuid, text, text, int, bytea)
  IS 'Keeps an act that came too late, when it has an id to be parked under; sent again, or the same step of the same attempt by the same identity, it is still the same one. At most 500 wait in a scope.';

CREATE FUNCTION cpts.referral_leaves(f cpts.referral_fact, node text, destinations uuid[])
  RETURNS boolean
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF node = 'national' OR f.owner_node <> node
     OR cpts.parties_owner(f.origin_id || destinations) = node THEN
    RETURN false;
  END IF;
  PERFORM cpts.ownership_leave(f.referral_id);
  RETURN true;
END
$$;
COMMENT ON FUNCTION cpts.referral_leaves(cpts.referral_fact, text, uuid[])
  IS 'One of those CPTS (NULL: none) is of another node: the referral has to go to the national one before it is asked, and is noted for that.';

CREATE FUNCTION cpts.referral_submit(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, origin uuid, use_case text, urgency text,
    profession text, speciality text, unit_code text, requester_finess text, legal_basis text,
    consent bytea, pathway uuid, pathway_step text, key_serial int, signature bytea, offer bytea,
    content bytea, offer_hash bytea, content_sha256 bytea, assignments uuid[], destinations uuid[],
    wraps bytea[], at_once int) RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  now_at    timestamptz := cpts.log_now();
  here      boolean;
  regions   text[];
  nodes     text[];
  waits_for text;
  due       timestamptz;
  of_node   text;
  a         cpts.referral_answer;
  f         cpts.referral_fact;
  o         record;
  d         record;
BEGIN
  -- Looks by key, each a subquery: a join of tables that small is sorted and merged.
  SELECT c.owner_node, c.epoch, c.lead_region, c.synthetic,
         (SELECT s.is_live FROM cpts.stage s WHERE s.code = c.stage) AS is_live,
         EXISTS (SELECT FROM cpts.command m
                  WHERE m.principal = referral_submit.principal
                    AND m.command_id = referral_submit.command_id) AS is_seen,
         EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = of_referral) AS is_taken,
         EXISTS (SELECT FROM cpts.profession p
                  WHERE p.code = referral_submit.profession) AS is_profession
    INTO o
    FROM cpts.cpts c WHERE c.cpts_id = origin;
  IF o.is_seen THEN
    f := cpts.referral_fact_find(of_referral, assignments[1]);
    RETURN cpts.referral_seen(principal, command_id, content_hash, f, 1);
  END IF;
  a.outcome := CASE WHEN current_setting('app.scope', true) <> 'cpts:' || origin THEN 'WRONG_PARTY'
                    WHEN o.owner_node IS NULL THEN 'CPTS_NOT_FOUND'
                    WHEN NOT o.is_live THEN 'CPTS_ENDED'
                    WHEN o.is_taken THEN 'ID_TAKEN' END;
  IF a.outcome IS NULL AND profession <> '' AND NOT o.is_profession THEN
    a.outcome := 'UNKNOWN_PROFESSION';
    a.detail := profession;
  END IF;
  FOR n IN 1 .. coalesce(array_length(destinations, 1), 0) LOOP
    SELECT c.lead_region, c.owner_node INTO d
      FROM cpts.cpts c WHERE c.cpts_id = destinations[n];
    regions[n] := d.lead_region;
    nodes[n] := d.owner_node;
    IF a.outcome IS NULL AND nodes[n] IS NULL THEN
      a.outcome := 'RECIPIENT_UNKNOWN';
      a.detail := destinations[n];
    ELSIF a.outcome IS NULL
      AND (destinations[n] = origin OR NOT cpts.may_receive(destinations[n], use_case)) THEN
      a.outcome := 'RECIPIENT_NOT_ELIGIBLE';
      a.detail := destinations[n];
    END IF;
  END LOOP;
  of_node := CASE WHEN coalesce(o.owner_node = ALL (nodes), true) THEN o.owner_node
                  ELSE 'national' END;
  IF of_node <> node AND coalesce(a.outcome, '') NOT IN ('WRONG_PARTY', 'CPTS_NOT_FOUND') THEN
    a.outcome := 'NOT_OWNER';
  END IF;
  IF a.outcome IS NULL AND pathway IS NOT NULL THEN
    a.detail := pathway_step;
    a.outcome := cpts.pathway_refusal(pathway, pathway_step, origin, use_case);
  END IF;
  IF a.outcome IS NOT NULL THEN
    IF a.outcome = 'NOT_OWNER' THEN
      a.detail := cpts.node_and_address(of_node);
    END IF;
    RETURN a;
  END IF;

  a.status := CASE WHEN at_once > 0 THEN 'OPEN' ELSE 'TO_REASSIGN' END;
  WITH whole AS (
    INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case, urgency,
        profession, speciality, unit_code, origin_id, origin_region, custodian_id, parties,
        requester_finess, legal_basis, consent, pathway_id, pathway_step, key_serial, signature,
        offer_hash, content_hash, unroutable, synthetic, created_at, updated_at)
      VALUES (of_referral, of_node, o.epoch, 1, a.status, referral_submit.use_case,
        referral_submit.urgency, referral_submit.profession, referral_submit.speciality,
        referral_submit.unit_code, origin, o.lead_region, origin,
        origin || destinations[1:at_once], referral_submit.requester_finess,
        referral_submit.legal_basis, referral_submit.consent, pathway,
        referral_submit.pathway_step, referral_submit.key_serial, referral_submit.signature,
        referral_submit.offer_hash, content_sha256, at_once = 0, o.synthetic, now_at, now_at)
  )
  INSERT INTO cpts.referral_content (referral_id, offer, content)
    VALUES (of_referral, referral_submit.offer, referral_submit.content);
  a.state := '';
  FOR n IN 1 .. at_once LOOP
    here := nodes[n] = of_node;
    waits_for := CASE WHEN here THEN 'DECIDE' ELSE 'DELIVER' END;
    due := cpts.referral_fire_at(waits_for, urgency, 0, regions[n], now_at);
    WITH attempt AS (
      INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version, state,
          wrap, submitted_at, state_at)
        VALUES (of_referral, assignments[n], destinations[n], 1,
          CASE WHEN here THEN 'DELIVERED' ELSE 'SUBMITTED' END, wraps[n], now_at, now_at)
    )
    INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, armed_at)
      VALUES (of_referral, assignments[n], waits_for, due, now_at);
    IF n = 1 THEN
      a.state := CASE WHEN here THEN 'DELIVERED' ELSE 'SUBMITTED' END;
    END IF;
  END LOOP;
  IF cardinality(destinations) > at_once OR at_once = 0 THEN
    INSERT INTO cpts.referral_candidate (referral_id, rank, assignment_id, destination_id, wrap)
      SELECT of_referral, n.rank, n.assignment_id, n.destination_id, n.wrap
        FROM unnest(assignments[at_once + 1:], destinations[at_once + 1:], wraps[at_once + 1:])
             WITH ORDINALITY AS n (assignment_id, destination_id, wrap, rank);
    f := cpts.referral_fact_find(of_referral, assignments[1]);
    IF at_once = 0 THEN
      PERFORM cpts.referral_arm(f, 'REASSIGN', now_at);
    ELSE
      PERFORM cpts.referral_widen_arm(f);
    END IF;
  END IF;
  IF o.lead_region <> ANY (regions[1:at_once]) THEN
    PERFORM cpts.sync_scope_add(of_referral, 1, o.lead_region, destinations[1:at_once]);
  END IF;
  RETURN ROW('OK', of_referral, 1,
    cpts.log_append('REFERRAL', of_referral, 1, o.epoch, 'REFERRAL_SUBMITTED', o.lead_region, bytes,
                    principal, command_id, content_hash),
    NULL, a.status, a.state, 0, 1, false, NULL)::cpts.referral_answer;
END
$$;
COMMENT ON FUNCTION cpts.referral_submit(text, uuid, bytea, uuid, text, bytea, uuid, text, text, text, text, text, text, text, bytea, uuid, text, int, bytea, bytea, bytea, bytea, bytea, uuid[], uuid[], bytea[], int)
  IS 'Submits a referral: the first at_once destinations are asked, the others are candidates. It is owned by the node of all who take part or are candidates, else by the national one; its epoch begins with its origin''s. None asked: unroutable, and the origin has to choose.';

-- A condition with a subquery is a statement, run even when what stands before it decides: what
-- most steps need not look up is a function of its own.
CREATE FUNCTION cpts.is_referral_reason(event text, code text) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM cpts.referral_reason n
                  WHERE n.event = is_referral_reason.event AND n.code = is_referral_reason.code
                    AND (NOT n.fixed
                         OR is_referral_reason.event IN ('RECALL', 'CLOSE_BY_DESK')));
END
$$;
COMMENT ON FUNCTION cpts.is_referral_reason(text, text)
  IS 'A caller may give that coded reason with that step; with a recall or at the desk also one that the server gives.';

CREATE FUNCTION cpts.is_version_as_seen(f cpts.referral_fact, version_seen int) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  IF coalesce(f.assignment_version, f.version) = version_seen THEN
    RETURN true;
  END IF;
  RETURN f.assignment_version IS NULL AND version_seen < f.version
     AND (SELECT count(DISTINCT l.version) FROM cpts.change_log l
           WHERE l.aggregate_id = f.referral_id AND l.version > version_seen
             AND l.version <= f.version
             AND l.kind IN ('OWNERSHIP_RELEASED', 'OWNERSHIP_TAKEN')) = f.version - version_seen;
END
$$;
COMMENT ON FUNCTION cpts.is_version_as_seen(cpts.referral_fact, int)
  IS 'Nothing happened to the assignment, or without one to the referral, since that version but changes of its owner, of which whoever acts knows nothing.';

CREATE FUNCTION cpts.referral_step_refusal(f cpts.referral_fact, party int, node text,
    rule cpts.referral_rule, version_seen int, event text, reason text, times_max int)
  RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  found_state text := coalesce(f.state, f.status);
BEGIN
  IF coalesce(rule.from_states, '') = '' THEN
    RETURN 'WRONG_PARTY';
  ELSIF f.owner_node <> node THEN
    RETURN 'NOT_OWNER';
  ELSIF NOT cpts.is_version_as_seen(f, version_seen) THEN
    RETURN 'STALE_VERSION';
  ELSIF strpos(rule.from_states, ' ' || found_state || ' ') = 0
     OR coalesce(f.assignment_overdue, f.overdue) < rule.overdue_min
     OR (times_max > 0 AND event = 'DISPUTE' AND f.dispute_count >= times_max)
     OR (event = 'ENTER_IN_ERROR' AND f.assignment_in_error)
     OR (event = 'WIDEN' AND f.custodian_id <> f.origin_id) THEN
    RETURN 'ILLEGAL_REFERRAL_ACT';
  ELSIF reason <> '' AND NOT cpts.is_referral_reason(event, reason) THEN
    RETURN 'UNKNOWN_REFUSAL_REASON';
  ELSIF event IN ('ACCEPT', 'REDIRECT', 'REASSIGN', 'WIDEN') AND f.erased THEN
    RETURN 'REFERRAL_IS_ERASED';
  ELSIF event IN ('ACCEPT', 'REDIRECT', 'REASSIGN', 'WIDEN') AND f.consent_withdrawn THEN
    RETURN 'CONSENT_WITHDRAWN';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION cpts.referral_step_refusal(cpts.referral_fact, int, text, cpts.referral_rule, int, text, text, int)
  IS 'Why a step may not be taken, in the order in which refusals are told; NULL: it may. Of an assignment, or of the referral when the fact has none.';

CREATE FUNCTION cpts.visit_refusal(f cpts.referral_fact, event text, scheduled timestamptz)
  RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
DECLARE
  hours_max int;
BEGIN
  IF event = 'SCHEDULE' THEN
    hours_max := cpts.visit_hours_max(f.urgency, f.destination_region);
    IF scheduled > cpts.log_now() + make_interval(hours => hours_max) THEN
      RETURN 'VISIT_TOO_LATE ' || hours_max;
    END IF;
  ELSIF event = 'NO_SHOW' THEN
    RETURN (SELECT 'VISIT_NOT_YET '
              FROM cpts.assignment a
             WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id
               AND a.scheduled_for > cpts.log_now());
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION cpts.visit_refusal(cpts.referral_fact, text, timestamptz)
  IS 'Why that date of a visit is not one for the urgency (VISIT_TOO_LATE and the hours that there are), or why nobody can have missed it (VISIT_NOT_YET); NULL: fine.';

CREATE FUNCTION cpts.referral_act(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, of_assignment uuid, version_seen int, event text,
    reason text, scheduled timestamptz, note_id uuid, note bytea, from_states text[],
    to_states text[], overdue_mins int[], custodies text[], arms text[], stops text[],
    times_max int, as_node text, parked_id uuid, actor bytea, next_id uuid, next_assignment uuid,
    next_wrap bytea, note_for uuid[], sealed_hashes bytea) RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f       cpts.referral_fact := cpts.referral_fact_find(of_referral, of_assignment);
  a       cpts.referral_answer;
  rule    cpts.referral_rule;
  party   int := cpts.referral_party(f, as_node);
  refusal text;
  ignored int;
BEGIN
  IF f.referral_id IS NULL OR party IS NULL THEN
    a.outcome := 'REFERRAL_NOT_FOUND';
    RETURN a;
  ELSIF f.assignment_id IS NULL THEN
    a.outcome := 'ASSIGNMENT_NOT_FOUND';
    RETURN a;
  END IF;
  PERFORM FROM cpts.command c
    WHERE c.principal = referral_act.principal AND c.command_id = referral_act.command_id;
  IF FOUND THEN
    RETURN cpts.referral_seen(principal, command_id, content_hash, f, party);
  END IF;
  rule := ROW(from_states[party], to_states[party], overdue_mins[party], custodies[party],
              arms[party], stops[party]);
  refusal := cpts.referral_step_refusal(f, party, node, rule, version_seen, event, reason,
                                        times_max);
  IF refusal IS NULL AND next_id IS NOT NULL THEN
    refusal := CASE WHEN f.hop_count >= 4 THEN 'REDIRECT_LIMIT 4'
                    WHEN next_id IN (f.origin_id, f.destination_id)
                      THEN 'REDIRECT_CYCLE ' || next_id
                    WHEN next_wrap IS NOT NULL AND (party <> 2 OR f.state <> 'ACCEPTED')
                      THEN 'WRAP_NOT_YOURS '
                    WHEN next_wrap IS NOT NULL
                         AND NOT cpts.is_sealed_over(of_referral, sealed_hashes)
                      THEN 'NOT_SEALED_FOR_RECIPIENT ' || next_id
                    WHEN next_wrap IS NOT NULL
                         AND cpts.assignment_id_taken(of_referral, ARRAY[next_assignment])
                      THEN 'ID_TAKEN '
                    ELSE cpts.recipient_refusal(f, ARRAY[next_id]) END;
  END IF;
  IF refusal IS NULL THEN
    refusal := cpts.visit_refusal(f, event, scheduled);
  END IF;
  IF refusal IS NULL AND event = 'DISPUTE' AND NOT cpts.is_cpts_live(f.destination_id) THEN
    refusal := 'RECIPIENT_NOT_ELIGIBLE ' || f.destination_id;
  END IF;
  IF refusal IS NULL AND note IS NOT NULL THEN
    refusal := CASE WHEN NOT ARRAY[f.origin_id, f.destination_id] <@ note_for
                      THEN 'NOT_SEALED_FOR_RECIPIENT '
                           || CASE party WHEN 1 THEN f.destination_id ELSE f.origin_id END
                    WHEN (SELECT count(*) FROM cpts.referral_note n
                           WHERE n.referral_id = of_referral) >= 50 THEN 'TOO_MANY_NOTES 50'
                    WHEN EXISTS (SELECT FROM cpts.referral_note n
                                  WHERE n.referral_id = of_referral
                                    AND n.note_id = referral_act.note_id) THEN 'ID_TAKEN ' END;
  END IF;
  IF refusal IS NULL AND cpts.referral_leaves(f, node, ARRAY[next_id]) THEN
    refusal := 'NOT_OWNER';
    f.owner_node := 'national';
  END IF;
  IF refusal IS NOT NULL THEN
    a := cpts.referral_answer_of(f, split_part(refusal, ' ', 1), party);
    a.detail := CASE a.outcome WHEN 'NOT_OWNER' THEN cpts.node_and_address(f.owner_node)
                               ELSE split_part(refusal, ' ', 2) END;
    RETURN cpts.referral_park(a, parked_id, principal, command_id, content_hash, of_assignment, event, reason,
                              version_seen, actor);
  END IF;

  IF note IS NOT NULL THEN
    INSERT INTO cpts.referral_note (referral_id, note_id, assignment_id, event, author_id, note,
        recorded_at)
      VALUES (of_referral, referral_act.note_id, of_assignment, referral_act.event,
        CASE party WHEN 1 THEN f.origin_id ELSE f.destination_id END, referral_act.note,
        cpts.log_now());
  END IF;
  f := cpts.referral_assignment_step(f, rule, event, reason, scheduled);
  a := cpts.referral_answer_of(f, 'OK', party);
  IF f.attempt_over THEN
    IF next_id IS NOT NULL THEN
      f := cpts.referral_redirect(f, next_id, next_assignment, next_wrap);
    END IF;
    f := cpts.referral_go_on(f, event IN ('DECLINE', 'REDIRECT', 'FAIL', 'RECALL'));
    a.status := f.status;
  END IF;
  ignored := cpts.referral_write(f, '');
  a.log_position := cpts.log_append('REFERRAL', of_referral, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_act(text, uuid, bytea, uuid, text, bytea, uuid, int, text, text, timestamptz, uuid, bytea, text[], text[], int[], text[], text[], text[], int, text, uuid, bytea, uuid, uuid, bytea, uuid[], bytea)
  IS 'Takes a step of an assignment. The arrays are the rows of the table of steps by party (1 origin, 2 destination, 3 server, 4 desk). next_*: with REDIRECT, where to.';

CREATE FUNCTION cpts.referral_act_whole(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, version_seen int, event text, reason text,
    from_states text[], overdue_mins int[], assignments uuid[], destinations uuid[],
    wraps bytea[], at_once int, parked_id uuid, actor bytea, sealed_hashes bytea) RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f     cpts.referral_fact := cpts.referral_fact_find(of_referral, NULL);
  a     cpts.referral_answer;
  rule  cpts.referral_rule;
  party int := cpts.referral_party(f, '');
BEGIN
  IF f.referral_id IS NULL OR party IS NULL THEN
    a.outcome := 'REFERRAL_NOT_FOUND';
    RETURN a;
  END IF;
  a := cpts.referral_seen(principal, command_id, content_hash, f, party);
  IF a.outcome IS NOT NULL THEN
    RETURN a;
  END IF;
  rule := ROW(from_states[party], '', overdue_mins[party], '', '', '');
  a := cpts.referral_answer_of(f, cpts.referral_step_refusal(f, party, node, rule, version_seen,
                                    event, reason, 0), party);
  IF a.outcome IS NULL AND event = 'REASSIGN' THEN
    a.detail := CASE WHEN (party = 4) <> (at_once = 0) THEN 'WRAP_NOT_YOURS '
                     WHEN cpts.assignment_id_taken(of_referral, assignments) THEN 'ID_TAKEN '
                     WHEN party = 1 AND NOT cpts.is_sealed_over(of_referral, sealed_hashes)
                       THEN 'NOT_SEALED_FOR_RECIPIENT ' || destinations[1]
                     ELSE cpts.recipient_refusal(f, destinations) END;
    a.outcome := split_part(a.detail, ' ', 1);
    a.detail := split_part(a.detail, ' ', 2);
  ELSIF a.outcome IS NULL AND event = 'WIDEN'
    AND (cpts.referral_candidate_next(f)).referral_id IS NULL THEN
    a.outcome := 'NO_CANDIDATE_LEFT';
  END IF;
  IF a.outcome IS NULL AND cpts.referral_leaves(f, node, destinations) THEN
    a.outcome := 'NOT_OWNER';
    f.owner_node := 'national';
  END IF;
  IF a.outcome IS NOT NULL THEN
    IF a.outcome = 'NOT_OWNER' THEN
      a.detail := cpts.node_and_address(f.owner_node);
    END IF;
    RETURN cpts.referral_park(a, parked_id, principal, command_id, content_hash, NULL, event, reason,
                              version_seen, actor);
  END IF;

  IF event = 'REASSIGN' AND party = 4 THEN
    f.version := f.version + 1;
    f.proposed_id := destinations[1];
  ELSIF event = 'REASSIGN' THEN
    f := cpts.referral_reassign(f, assignments, destinations, wraps, at_once);
  ELSIF event = 'ABANDON' THEN
    f := cpts.referral_abandon(f);
  ELSE
    f.version := f.version + 1;
    f := cpts.referral_widen(f);
  END IF;
  a.outcome := 'OK';
  a.version := cpts.referral_write(f, reason);
  a.status := f.status;
  a.overdue := f.overdue;
  a.log_position := cpts.log_append('REFERRAL', of_referral, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_act_whole(text, uuid, bytea, uuid, text, bytea, int, text, text, text[], int[], uuid[], uuid[], bytea[], int, uuid, bytea, bytea)
  IS 'Takes a step of a referral itself: REASSIGN (from the desk without wraps: a proposal), ABANDON, WIDEN.';

CREATE FUNCTION cpts.referral_is_held(f cpts.referral_fact, scope text) RETURNS boolean
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN coalesce(scope = 'cpts:' || f.custodian_id, false)
      OR EXISTS (SELECT FROM cpts.assignment a
                  WHERE a.referral_id = f.referral_id AND cpts.is_assignment_active(a.state)
                    AND scope = 'cpts:' || a.destination_id);
END
$$;
COMMENT ON FUNCTION cpts.referral_is_held(cpts.referral_fact, text)
  IS 'The CPTS of that scope is the custodian, or is being asked now: whoever declined is neither.';

CREATE FUNCTION cpts.referral_consent(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, version_seen int, given bytea)
  RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f     cpts.referral_fact := cpts.referral_fact_find(of_referral, NULL);
  a     cpts.referral_answer;
  party int := cpts.referral_party(f, '');
BEGIN
  IF f.referral_id IS NULL OR party IS NULL THEN
    a.outcome := 'REFERRAL_NOT_FOUND';
    RETURN a;
  END IF;
  a := cpts.referral_seen(principal, command_id, content_hash, f, party);
  IF a.outcome IS NOT NULL THEN
    RETURN a;
  END IF;
  a := cpts.referral_answer_of(f,
    CASE WHEN party IN (3, 4) OR (party = 0 AND given IS NOT NULL)
           OR (party = 0 AND NOT cpts.referral_is_held(f, current_setting('app.scope', true)))
           THEN 'WRONG_PARTY'
         WHEN f.owner_node <> node THEN 'NOT_OWNER'
         WHEN f.version <> version_seen THEN 'STALE_VERSION'
         WHEN f.erased THEN 'REFERRAL_IS_ERASED'
         WHEN given IS NULL AND f.consent_withdrawn THEN 'CONSENT_WITHDRAWN' END, party);
  IF a.outcome IS NOT NULL THEN
    IF a.outcome = 'NOT_OWNER' THEN
      a.detail := cpts.node_and_address(f.owner_node);
    END IF;
    RETURN a;
  END IF;
  a.outcome := 'OK';
  a.version := f.version + 1;
  UPDATE cpts.referral r
     SET version = a.version, updated_at = cpts.log_now(), consent_withdrawn = given IS NULL,
         later_consent = coalesce(given, r.later_consent)
   WHERE r.referral_id = of_referral;
  IF given IS NOT NULL AND f.status = 'OPEN' AND f.custodian_id = f.origin_id
     AND NOT EXISTS (SELECT FROM cpts.referral_clock k
                      WHERE k.referral_id = of_referral AND k.kind = 'WIDEN') THEN
    PERFORM cpts.referral_widen_arm(f);
  END IF;
  a.log_position := cpts.log_append('REFERRAL', of_referral, a.version, f.epoch,
    CASE WHEN given IS NULL THEN 'REFERRAL_CONSENT_WITHDRAWN' ELSE 'REFERRAL_CONSENT_RECORDED' END,
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_consent(text, uuid, bytea, uuid, text, bytea, int, bytea)
  IS 'Records a consent (the origin), or without one its withdrawal (the origin, the custodian, or a CPTS that is being asked): content is opened no more. The consent that was signed with the order stays as it is. Widening, which a withdrawal stops, goes on with a new consent.';

REVOKE EXECUTE ON FUNCTION
  cpts.referral_submit(text, uuid, bytea, uuid, text, bytea, uuid, text, text, text, text, text, text, text, bytea, uuid, text, int, bytea, bytea, bytea, bytea, bytea, uuid[], uuid[], bytea[], int),
  cpts.referral_act(text, uuid, bytea, uuid, text, bytea, uuid, int, text, text, timestamptz, uuid, bytea, text[], text[], int[], text[], text[], text[], int, text, uuid, bytea, uuid, uuid, bytea, uuid[], bytea),
  cpts.referral_act_whole(text, uuid, bytea, uuid, text, bytea, int, text, text, text[], int[], uuid[], uuid[], bytea[], int, uuid, bytea, bytea),
  cpts.referral_consent(text, uuid, bytea, uuid, text, bytea, int, bytea)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  cpts.referral_submit(text, uuid, bytea, uuid, text, bytea, uuid, text, text, text, text, text, text, text, bytea, uuid, text, int, bytea, bytea, bytea, bytea, bytea, uuid[], uuid[], bytea[], int),
  cpts.referral_act(text, uuid, bytea, uuid, text, bytea, uuid, int, text, text, timestamptz, uuid, bytea, text[], text[], int[], text[], text[], text[], int, text, uuid, bytea, uuid, uuid, bytea, uuid[], bytea),
  cpts.referral_act_whole(text, uuid, bytea, uuid, text, bytea, int, text, text, text[], int[], uuid[], uuid[], bytea[], int, uuid, bytea, bytea),
  cpts.referral_consent(text, uuid, bytea, uuid, text, bytea, int, bytea)
  TO cpts_app;
GRANT SELECT ON cpts.referral_reason TO cpts_app;
GRANT SELECT ON cpts.parked_act TO cpts_app;
GRANT UPDATE (resolution, resolve_command_id, resolved_by, resolved_at) ON cpts.parked_act TO cpts_app;

COMMIT;
