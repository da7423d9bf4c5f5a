-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_rewrap
-- The keys of a referral are sealed again, after a merge or when a side lost its own: what the wrap
-- says is for the handler to check, who may make it and for whom is judged here.
-- Locks: a new function only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.origin_rewrap_refusal(f cpts.referral_fact, party int, node text,
    version_seen int) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN CASE WHEN party <> 1
                   AND current_setting('app.scope', true) IS DISTINCT FROM 'cpts:' || f.custodian_id
                THEN 'WRONG_PARTY'
              WHEN f.owner_node <> node THEN 'NOT_OWNER'
              WHEN f.version <> version_seen THEN 'STALE_VERSION'
              WHEN f.status NOT IN ('OPEN', 'TO_REASSIGN') THEN 'ILLEGAL_REFERRAL_ACT' END;
END
$$;
COMMENT ON FUNCTION cpts.origin_rewrap_refusal(cpts.referral_fact, int, text, int)
  IS 'Why a referral is not sealed again for its origin; NULL: it may be. By the custodian, who has the content, or by the origin itself, which may have the keys of the CPTS whose place it took.';

CREATE FUNCTION cpts.referral_rewrap(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, of_assignment uuid, version_seen int,
    from_states text[], sealed_for uuid, wrap bytea, sealed_hashes bytea)
  RETURNS cpts.referral_answer
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f         cpts.referral_fact := cpts.referral_fact_find(of_referral, of_assignment);
  a         cpts.referral_answer;
  party     int := cpts.referral_party(f, '');
  recipient uuid := CASE WHEN of_assignment IS NULL THEN f.origin_id ELSE f.destination_id END;
  refusal   text;
BEGIN
  IF f.referral_id IS NULL OR party IS NULL THEN
    a.outcome := 'REFERRAL_NOT_FOUND';
    RETURN a;
  ELSIF of_assignment IS NOT NULL AND f.assignment_id IS NULL THEN
    a.outcome := 'ASSIGNMENT_NOT_FOUND';
    RETURN a;
  END IF;
  a := cpts.referral_seen(principal, command_id, content_hash, f, party);
  IF a.outcome IS NOT NULL THEN
    RETURN a;
  END IF;
  refusal := CASE WHEN of_assignment IS NULL
                    THEN cpts.origin_rewrap_refusal(f, party, node, version_seen)
                  ELSE cpts.referral_step_refusal(f, party, node,
                         ROW(from_states[party], 'SAME', 0, 'STAYS', '', ''), version_seen,
                         'REWRAP', '', 0) END;
  IF refusal IS NULL THEN
    refusal := CASE WHEN f.consent_withdrawn THEN 'CONSENT_WITHDRAWN'
                    WHEN sealed_for <> recipient
                         OR NOT cpts.is_sealed_over(of_referral, sealed_hashes)
                      THEN 'NOT_SEALED_FOR_RECIPIENT ' || recipient END;
  END IF;
  IF refusal IS NOT NULL THEN
    a := cpts.referral_answer_of(f, split_part(refusal, ' ', 1), party);
    a.detail := CASE a.outcome WHEN 'NOT_OWNER' THEN cpts.node_and_address(f.owner_node)
                               ELSE split_part(refusal, ' ', 2) END;
    RETURN a;
  END IF;

  f.version := f.version + 1;
  IF of_assignment IS NULL THEN
    UPDATE cpts.referral r
       SET wrap = referral_rewrap.wrap, wrapped_at = cpts.log_now(), to_rewrap = false
     WHERE r.referral_id = of_referral;
  ELSE
    f.assignment_version := f.version;
    UPDATE cpts.assignment t
       SET version = f.version, wrap = referral_rewrap.wrap, wrapped_at = cpts.log_now(),
           to_rewrap = false
     WHERE t.referral_id = of_referral AND t.assignment_id = of_assignment;
  END IF;
  PERFORM cpts.referral_write(f, '');
  a := cpts.referral_answer_of(f, 'OK', party);
  a.log_position := cpts.log_append('REFERRAL', of_referral, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN a;
END
$$;
COMMENT ON FUNCTION cpts.referral_rewrap(text, uuid, bytea, uuid, text, bytea, uuid, int, text[], uuid, bytea, bytea)
  IS 'Keeps a new wrap: of an attempt for its destination, or without one for the origin. The array is the row of the table of steps by party (1 origin, 2 destination, 3 server, 4 desk). State, custody and clocks stay.';
REVOKE EXECUTE ON FUNCTION cpts.referral_rewrap(text, uuid, bytea, uuid, text, bytea, uuid, int, text[], uuid, bytea, bytea)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.referral_rewrap(text, uuid, bytea, uuid, text, bytea, uuid, int, text[], uuid, bytea, bytea)
  TO cpts_app;

COMMIT;
