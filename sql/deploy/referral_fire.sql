-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_fire
-- What an expired clock of a referral does: the next overdue level, or the next candidate is asked.
-- It ends nothing. Fired by the server, on whatever node and however often: one expiry has one effect.
-- Locks: new functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.referral_clock_next() RETURNS timestamptz
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN (SELECT min(k.fire_at) FROM cpts.referral_clock k);
COMMENT ON FUNCTION cpts.referral_clock_next()
  IS 'When the next clock of a referral is due, whoever asks; NULL when none is armed. SECURITY DEFINER: it tells nothing of a referral.';

CREATE FUNCTION cpts.referral_overdue(f cpts.referral_fact, kind text, reached int)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  f.version := f.version + 1;
  UPDATE cpts.referral_clock k
     SET level = reached, armed_at = cpts.log_now(),
         fire_at = cpts.referral_fire_at(referral_overdue.kind, f.urgency, reached,
                     cpts.referral_clock_region(f, referral_overdue.kind), cpts.log_now())
   WHERE k.referral_id = f.referral_id AND k.kind = referral_overdue.kind
     AND k.assignment_id = coalesce(f.assignment_id, cpts.no_assignment());
  IF f.assignment_id IS NULL THEN
    f.overdue := greatest(f.overdue, reached);
    RETURN f;
  END IF;
  UPDATE cpts.assignment a
     SET version = f.version, overdue = greatest(a.overdue, reached)
   WHERE a.referral_id = f.referral_id AND a.assignment_id = f.assignment_id;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_overdue(cpts.referral_fact, text, int)
  IS 'A clock of the assignment meant (none: of the referral itself) ran over: its level counts, and it is armed again from now, not from when it was due: what was missed while no server ran is told once.';

CREATE FUNCTION cpts.referral_widen_due(f cpts.referral_fact, candidate uuid)
  RETURNS cpts.referral_fact
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  next_one cpts.referral_candidate;
BEGIN
  IF f.status <> 'OPEN' OR f.custodian_id <> f.origin_id OR f.consent_withdrawn OR f.erased THEN
    DELETE FROM cpts.referral_clock k
     WHERE k.referral_id = f.referral_id AND k.assignment_id = cpts.no_assignment()
       AND k.kind = 'WIDEN';
    RETURN f;
  END IF;
  next_one := cpts.referral_candidate_next(f);
  IF next_one.referral_id IS NULL THEN
    PERFORM cpts.referral_widen_arm(f);
  ELSIF next_one.assignment_id = candidate THEN
    f.version := f.version + 1;
    f := cpts.referral_widen(f);
  END IF;
  RETURN f;
END
$$;
COMMENT ON FUNCTION cpts.referral_widen_due(cpts.referral_fact, uuid)
  IS 'Time to ask the next candidate, if it is still that one: else the fact is unchanged. Nobody may be asked now, but there are candidates: the clock runs anew, and nothing is told. The referral was taken or its content may not be opened: the clock stops.';

CREATE FUNCTION cpts.referral_clock_fire(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, of_assignment uuid, kind text, due_us bigint,
    reached int, candidate uuid) RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f       cpts.referral_fact := cpts.referral_fact_find(of_referral,
                                  nullif(of_assignment, cpts.no_assignment()));
  version int := f.version;
  fired   int;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'clocks are fired by the node itself';
  END IF;
  SELECT k.level INTO fired
    FROM cpts.referral_clock k
   WHERE k.referral_id = of_referral AND k.assignment_id = of_assignment
     AND k.kind = referral_clock_fire.kind
     AND k.fire_at = timestamptz 'epoch' + due_us * interval '1 microsecond'
     AND k.fire_at <= cpts.log_now();
  IF fired IS NULL OR f.owner_node IS DISTINCT FROM node
     OR EXISTS (SELECT FROM cpts.command c
                 WHERE c.principal = referral_clock_fire.principal
                   AND c.command_id = referral_clock_fire.command_id) THEN
    RETURN 'NOTHING';
  END IF;
  IF kind = 'WIDEN' THEN
    f := cpts.referral_widen_due(f, candidate);
  ELSIF reached = least(fired + 1, 3) THEN
    f := cpts.referral_overdue(f, kind, reached);
  END IF;
  IF f.version = version THEN
    RETURN 'NOTHING';
  END IF;
  PERFORM cpts.referral_write(f, '');
  PERFORM cpts.log_append('REFERRAL', of_referral, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN 'OK';
END
$$;
COMMENT ON FUNCTION cpts.referral_clock_fire(text, uuid, bytea, uuid, text, bytea, uuid, text, bigint, int, uuid)
  IS 'Fires the clock that was due at that instant (microseconds since 1970), if it still is, for the first time: OK, or NOTHING. By cpts.log_now() alone. SECURITY DEFINER, for the node itself (scope *) alone.';
REVOKE EXECUTE ON FUNCTION cpts.referral_clock_fire(text, uuid, bytea, uuid, text, bytea, uuid, text, bigint, int, uuid)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.referral_clock_fire(text, uuid, bytea, uuid, text, bytea, uuid, text, bigint, int, uuid)
  TO cpts_app;

COMMIT;
