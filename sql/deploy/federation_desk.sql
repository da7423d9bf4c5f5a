-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_desk
-- Who owns what, and how it changes hands. Whoever gives writes last: an entry of the old
-- owner, after which it answers NOT_OWNER; whoever gets it confirms with one of its own. What
-- a suspended node owns is taken back by the national one without its help. Which node ought
-- to own an aggregate is a function of facts; the server looks for differences and settles
-- them one aggregate a command, so that a cut leaves nothing half done.
-- Locks: cpts.node, cpts.referral and cpts.change_log briefly, for a column and three indexes.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.node
  ADD COLUMN since_position   bigint NOT NULL DEFAULT 0,
  ADD COLUMN suspended_reason text   NOT NULL DEFAULT '',
  ADD CONSTRAINT node_suspended_reason_length CHECK (char_length(suspended_reason) <= 200);
COMMENT ON COLUMN cpts.node.since_position IS 'Position of the local log at which it was enrolled or resumed: once it has acknowledged that, its region''s records are handed over.';
COMMENT ON COLUMN cpts.node.suspended_reason IS 'Why it is suspended, for people; empty else.';

CREATE TABLE cpts.ownership_due (
  aggregate_kind text    NOT NULL,
  aggregate_id   uuid    NOT NULL,
  leaves         boolean NOT NULL DEFAULT false,
  CONSTRAINT ownership_due_key PRIMARY KEY (aggregate_id),
  CONSTRAINT ownership_due_kind_known CHECK (aggregate_kind IN ('REFERRAL', 'PATHWAY', 'CPTS'))
);
COMMENT ON TABLE cpts.ownership_due
  IS 'Referrals and pathways of this node that belong to another one: on their way. And CPTS that ended at another node: this node''s referrals go on without them.';
COMMENT ON COLUMN cpts.ownership_due.aggregate_kind IS 'REFERRAL, PATHWAY or CPTS.';
COMMENT ON COLUMN cpts.ownership_due.aggregate_id IS 'UUID of it.';
COMMENT ON COLUMN cpts.ownership_due.leaves
  IS 'An act waits that leads out of its region: it goes to the national node whatever its parties are now.';

CREATE INDEX change_log_local_position_idx ON cpts.change_log (local_position)
  WHERE kind = 'OWNERSHIP_RELEASED';
CREATE INDEX referral_owner_node_idx ON cpts.referral (owner_node) WHERE owner_node <> 'national';
CREATE INDEX referral_clock_referral_id_idx ON cpts.referral_clock (referral_id) WHERE kind = 'DELIVER';
CREATE INDEX referral_candidate_destination_id_idx ON cpts.referral_candidate (destination_id);

CREATE FUNCTION cpts.parties_owner(ids uuid[]) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN (SELECT CASE WHEN count(DISTINCT c.owner_node) = 1 AND count(c.cpts_id) = count(*)
                      THEN min(c.owner_node) ELSE 'national' END
            FROM (SELECT DISTINCT i.id FROM unnest(ids) i (id) WHERE i.id IS NOT NULL) d
            LEFT JOIN cpts.cpts c ON c.cpts_id = d.id);
END
$$;
COMMENT ON FUNCTION cpts.parties_owner(uuid[])
  IS 'Node that owns a referral between these CPTS: theirs when it is one and the same, else the national one.';

CREATE FUNCTION cpts.ownership_wanted(kind text, aggregate uuid, this_node text) RETURNS text
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN CASE kind
    WHEN 'CPTS' THEN
      (SELECT CASE WHEN this_node = 'national' THEN coalesce(o.node, 'national')
                   WHEN this_node = 'region/' || c.lead_region THEN this_node ELSE 'national' END
         FROM cpts.cpts c LEFT JOIN cpts.region_owner o ON o.region = c.lead_region
        WHERE c.cpts_id = aggregate)
    WHEN 'REFERRAL' THEN
      (SELECT cpts.parties_owner(r.parties || r.proposed_id
                || ARRAY(SELECT n.destination_id FROM cpts.referral_candidate n
                          WHERE n.referral_id = r.referral_id))
         FROM cpts.referral r WHERE r.referral_id = aggregate)
    WHEN 'PATHWAY' THEN
      (SELECT cpts.parties_owner(ARRAY[p.origin_id]) FROM cpts.pathway p
        WHERE p.pathway_id = aggregate) END;
END
$$;
COMMENT ON FUNCTION cpts.ownership_wanted(text, uuid, text)
  IS 'Node that ought to own an aggregate, as that node sees it: a CPTS its region''s once that is enrolled; a referral the one of all who take part or are candidates; a pathway its origin''s. A regional node gives to the national one only, which passes it on.';

CREATE FUNCTION cpts.referrals_of(of_cpts uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT r.referral_id FROM cpts.referral r WHERE r.origin_id = of_cpts
   UNION
  SELECT a.referral_id FROM cpts.assignment a WHERE a.destination_id = of_cpts
   UNION
  SELECT n.referral_id FROM cpts.referral_candidate n WHERE n.destination_id = of_cpts;
END;
COMMENT ON FUNCTION cpts.referrals_of(uuid)
  IS 'Referrals in which a CPTS takes part, or may come to.';

CREATE FUNCTION cpts.ownership_enqueue(of_cpts uuid, node text) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  INSERT INTO cpts.ownership_due (aggregate_kind, aggregate_id)
    SELECT t.kind, t.id
      FROM (SELECT 'REFERRAL' AS kind, r.referral_id AS id, r.owner_node
              FROM cpts.referrals_of(of_cpts) o (referral_id)
              JOIN cpts.referral r ON r.referral_id = o.referral_id
            UNION ALL
            SELECT 'PATHWAY', p.pathway_id, p.owner_node
              FROM cpts.pathway p WHERE p.origin_id = of_cpts) t
     WHERE t.owner_node = node AND cpts.ownership_wanted(t.kind, t.id, node) <> node
  ON CONFLICT (aggregate_id) DO NOTHING;
END
$$;
COMMENT ON FUNCTION cpts.ownership_enqueue(uuid, text)
  IS 'Notes the referrals and pathways of that node that belong to another one now that this CPTS changed hands.';

CREATE FUNCTION cpts.sync_scope_move(of_cpts uuid) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  UPDATE cpts.sync_scope s SET region = c.lead_region
    FROM cpts.cpts c
   WHERE c.cpts_id = of_cpts AND s.party_id = of_cpts AND s.region <> c.lead_region;
  PERFORM cpts.sync_scope_add(r.referral_id, r.version, r.origin_region, ARRAY[of_cpts])
     FROM cpts.referrals_of(of_cpts) o (referral_id)
     JOIN cpts.referral r ON r.referral_id = o.referral_id
    WHERE of_cpts = ANY (r.parties);
END
$$;
COMMENT ON FUNCTION cpts.sync_scope_move(uuid)
  IS 'The region that leads a CPTS now may see its referrals and pathways.';

CREATE FUNCTION cpts.referrals_follow(of_cpts uuid, node text) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cpts.cpts_lead l WHERE l.cpts_id = of_cpts) THEN
    RETURN;
  END IF;
  PERFORM cpts.sync_scope_move(of_cpts);
  PERFORM cpts.sync_mark_all(node, '', array_agg(t.kind ORDER BY t.id), array_agg(t.id ORDER BY t.id))
     FROM (SELECT 'REFERRAL' AS kind, o.referral_id AS id
             FROM cpts.referrals_of(of_cpts) o (referral_id)
            UNION ALL
           SELECT 'PATHWAY', p.pathway_id FROM cpts.pathway p WHERE p.origin_id = of_cpts) t;
END
$$;
COMMENT ON FUNCTION cpts.referrals_follow(uuid, text)
  IS 'Of a CPTS that another region leads now: what it takes part in is told whole to who may see it, right after the CPTS changed hands.';

CREATE FUNCTION cpts.ownership_leave(of_referral uuid) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  INSERT INTO cpts.ownership_due AS d (aggregate_kind, aggregate_id, leaves)
    VALUES ('REFERRAL', of_referral, true)
  ON CONFLICT (aggregate_id) DO UPDATE SET leaves = true;
END;
COMMENT ON FUNCTION cpts.ownership_leave(uuid)
  IS 'Notes that a referral has to go to the national node before an act that leads out of its region.';

CREATE FUNCTION cpts.acknowledged_by(peer text) RETURNS bigint
  LANGUAGE sql STABLE
  RETURN coalesce((SELECT c.acknowledged_position FROM cpts.sync_cursor c
                    WHERE c.peer = acknowledged_by.peer), -1);
COMMENT ON FUNCTION cpts.acknowledged_by(text)
  IS 'Position of the local log that a peer has stored durably; -1: it never said so.';

CREATE TYPE cpts.ownership_row AS (
  step         text,
  kind         text,
  aggregate_id uuid,
  epoch        int,
  node         text,
  other_id     uuid,
  position     bigint,
  sha256       text
);
COMMENT ON TYPE cpts.ownership_row
  IS 'Something that the server has to do about owners: HAND_OVER (a region to its node), TAKE, RELEASE, CONFIRM, DELIVER, ATTACH (an attachment is complete: the log says so), FOLLOW (a CPTS ended at another node: referrals go on without it); of which aggregate, in which epoch, from or to which node; of DELIVER the assignment, of ATTACH the referral and the hash in hexadecimal; of CONFIRM the position of the release.';

CREATE FUNCTION cpts.ownership_find(this_node text, count_max int, after_position bigint)
  RETURNS SETOF cpts.ownership_row
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'owners change by the node itself';
  END IF;
  IF this_node = 'national' THEN
    RETURN QUERY
      SELECT 'HAND_OVER', 'NODE', NULL::uuid, n.epoch, n.name, NULL::uuid, n.since_position,
             ''
        FROM cpts.node n
        LEFT JOIN cpts.region_owner o ON o.region = substr(n.name, 8)
       WHERE n.status = 'ENROLLED' AND n.name LIKE 'region/%' AND o.node IS DISTINCT FROM n.name
         AND cpts.acknowledged_by(n.name) >= n.since_position
       LIMIT count_max;
    RETURN QUERY
      SELECT 'TAKE', t.kind, t.id, t.epoch, t.owner_node, NULL::uuid, 0::bigint, ''
        FROM cpts.node n
       CROSS JOIN LATERAL (
         SELECT 'CPTS' AS kind, c.cpts_id AS id, c.epoch::int AS epoch, c.owner_node
           FROM cpts.cpts c WHERE c.owner_node = n.name
         UNION ALL
         SELECT 'REFERRAL', r.referral_id, r.epoch, r.owner_node
           FROM cpts.referral r WHERE r.owner_node = n.name AND r.owner_node <> 'national'
         UNION ALL
         SELECT 'PATHWAY', p.pathway_id, p.epoch, p.owner_node
           FROM cpts.pathway p WHERE p.owner_node = n.name) t
       WHERE n.status = 'SUSPENDED'
       LIMIT count_max;
  END IF;
  RETURN QUERY
    SELECT 'RELEASE', 'CPTS', c.cpts_id, c.epoch::int, w.node, NULL::uuid, 0::bigint, ''
      FROM cpts.cpts c
      LEFT JOIN cpts.region_owner o ON o.region = c.lead_region
     CROSS JOIN LATERAL (SELECT CASE WHEN this_node = 'national' THEN coalesce(o.node, 'national')
                                     WHEN this_node = 'region/' || c.lead_region THEN this_node
                                     ELSE 'national' END AS node) w
     WHERE c.owner_node = this_node AND w.node <> this_node
     LIMIT count_max;
  RETURN QUERY
    SELECT 'RELEASE', d.aggregate_kind, d.aggregate_id, coalesce(r.epoch, p.epoch)::int,
           CASE WHEN d.leaves THEN 'national'
                ELSE cpts.ownership_wanted(d.aggregate_kind, d.aggregate_id, this_node) END,
           NULL::uuid, 0::bigint, ''
      FROM cpts.ownership_due d
      LEFT JOIN cpts.referral r ON r.referral_id = d.aggregate_id
      LEFT JOIN cpts.pathway p ON p.pathway_id = d.aggregate_id
     WHERE coalesce(r.epoch, p.epoch) IS NOT NULL
     LIMIT count_max;
  RETURN QUERY
    SELECT 'CONFIRM', l.aggregate_kind, l.aggregate_id, l.epoch, this_node, NULL::uuid,
           l.local_position, ''
      FROM cpts.change_log l
      LEFT JOIN cpts.cpts c ON c.cpts_id = l.aggregate_id AND l.aggregate_kind = 'CPTS'
      LEFT JOIN cpts.referral r ON r.referral_id = l.aggregate_id AND l.aggregate_kind = 'REFERRAL'
      LEFT JOIN cpts.pathway p ON p.pathway_id = l.aggregate_id AND l.aggregate_kind = 'PATHWAY'
     WHERE l.kind = 'OWNERSHIP_RELEASED' AND l.local_position > after_position
       AND l.origin_node <> this_node
       AND coalesce(c.owner_node, r.owner_node, p.owner_node) = this_node
       AND coalesce(c.epoch, r.epoch, p.epoch) = l.epoch
       AND NOT EXISTS (SELECT FROM cpts.change_log own
                        WHERE own.aggregate_id = l.aggregate_id AND own.version > l.version
                          AND own.origin_node = this_node)
     ORDER BY l.local_position
     LIMIT count_max;
  RETURN QUERY
    SELECT 'DELIVER', 'REFERRAL', k.referral_id, r.epoch::int, c.owner_node, k.assignment_id,
           0::bigint, ''
      FROM cpts.referral_clock k
      JOIN cpts.referral r ON r.referral_id = k.referral_id
      JOIN cpts.assignment a ON a.referral_id = k.referral_id AND a.assignment_id = k.assignment_id
      JOIN cpts.cpts c ON c.cpts_id = a.destination_id
     WHERE k.kind = 'DELIVER' AND r.owner_node = this_node AND a.state = 'SUBMITTED'
       AND (c.owner_node = this_node
            OR cpts.acknowledged_by(c.owner_node)
                 >= (SELECT min(l.local_position) FROM cpts.change_log l
                      WHERE l.aggregate_id = k.referral_id AND l.version >= a.version))
     LIMIT count_max;
  RETURN QUERY
    SELECT 'ATTACH', 'ATTACHMENT', m.attachment_id, r.epoch::int, this_node, m.referral_id,
           0::bigint, encode(m.sha256, 'hex')
      FROM cpts.referral_attachment m
      JOIN cpts.referral r ON r.referral_id = m.referral_id
     WHERE m.complete AND NOT m.logged AND r.owner_node = this_node
     LIMIT count_max;
  RETURN QUERY
    SELECT 'FOLLOW', d.aggregate_kind, d.aggregate_id, c.epoch::int, this_node, NULL::uuid,
           0::bigint, ''
      FROM cpts.ownership_due d
      JOIN cpts.cpts c ON c.cpts_id = d.aggregate_id
     WHERE d.aggregate_kind = 'CPTS'
     LIMIT count_max;
END
$$;
COMMENT ON FUNCTION cpts.ownership_find(text, int, bigint)
  IS 'What a node has to do about owners, at most so many of each: CONFIRM of releases after a local position only. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.region_hand_over(to_node text) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  ret int;
BEGIN
  INSERT INTO cpts.region_owner AS o (region, node, epoch)
    SELECT substr(n.name, 8), n.name, 2 FROM cpts.node n
     WHERE n.name = to_node AND n.status = 'ENROLLED'
  ON CONFLICT (region) DO UPDATE SET node = excluded.node, epoch = o.epoch + 1
   WHERE o.node <> excluded.node
  RETURNING o.epoch INTO ret;
  RETURN ret;
END
$$;
COMMENT ON FUNCTION cpts.region_hand_over(text)
  IS 'From now on that node owns what is registered in its region. Gives the epoch; NULL: it does already, or may not.';

CREATE FUNCTION cpts.ownership_step(principal text, command_id uuid, content_hash bytea,
    aggregate uuid, node text, bytes bytea, step text, kind text, epoch_seen int, other text)
  RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
DECLARE
  owner_before text := CASE step WHEN 'TAKE' THEN other ELSE ownership_step.node END;
  owner_after  text := CASE step WHEN 'RELEASE' THEN other ELSE ownership_step.node END;
  raised       int  := CASE step WHEN 'CONFIRM' THEN 0 ELSE 1 END;
  leaves       boolean;
  done         record;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'owners change by the node itself';
  END IF;
  -- What is not in the log stays here: the attachments first. The lock ends who puts some.
  PERFORM FROM cpts.referral r WHERE r.referral_id = aggregate FOR UPDATE;
  IF FOUND AND step = 'RELEASE'
     AND EXISTS (SELECT FROM cpts.referral_attachment m
                  WHERE m.referral_id = aggregate AND m.complete AND NOT m.logged) THEN
    RETURN 'NOTHING';
  END IF;
  DELETE FROM cpts.ownership_due d
   WHERE d.aggregate_id = aggregate AND d.aggregate_kind <> 'CPTS' RETURNING d.leaves INTO leaves;
  IF EXISTS (SELECT FROM cpts.command c
              WHERE c.principal = ownership_step.principal
                AND c.command_id = ownership_step.command_id)
     OR (step = 'RELEASE' AND leaves IS DISTINCT FROM true
         AND cpts.ownership_wanted(kind, aggregate, ownership_step.node) IS DISTINCT FROM other)
     OR (step = 'TAKE' AND NOT EXISTS (SELECT FROM cpts.node n
                                        WHERE n.name = other AND n.status = 'SUSPENDED')) THEN
    RETURN 'NOTHING';
  END IF;
  IF step = 'HAND_OVER' THEN
    SELECT cpts.region_hand_over(other) AS version, 1 AS epoch, '' AS region INTO done;
  ELSIF kind = 'CPTS' THEN
    UPDATE cpts.cpts c
       SET owner_node = owner_after, epoch = c.epoch + raised, version = c.version + 1,
           updated_at = cpts.log_now()
     WHERE c.cpts_id = aggregate AND c.owner_node = owner_before AND c.epoch = epoch_seen
    RETURNING c.version::int AS version, c.epoch::int AS epoch, c.lead_region AS region INTO done;
  ELSIF kind = 'REFERRAL' THEN
    UPDATE cpts.referral r
       SET owner_node = owner_after, epoch = r.epoch + raised, version = r.version + 1,
           updated_at = cpts.log_now()
     WHERE r.referral_id = aggregate AND r.owner_node = owner_before AND r.epoch = epoch_seen
    RETURNING r.version::int AS version, r.epoch::int AS epoch, r.origin_region AS region INTO done;
  ELSE
    UPDATE cpts.pathway p
       SET owner_node = owner_after, epoch = p.epoch + raised, version = p.version + 1
     WHERE p.pathway_id = aggregate AND p.owner_node = owner_before AND p.epoch = epoch_seen
    RETURNING p.version::int AS version, p.epoch::int AS epoch, p.origin_region AS region INTO done;
  END IF;
  IF done.version IS NULL THEN
    RETURN 'NOTHING';
  END IF;
  PERFORM cpts.log_append(kind, aggregate, done.version, done.epoch,
    CASE step WHEN 'HAND_OVER' THEN 'REGION_HANDED_OVER' WHEN 'RELEASE' THEN 'OWNERSHIP_RELEASED'
              ELSE 'OWNERSHIP_TAKEN' END,
    done.region, bytes, principal, command_id, content_hash);
  IF kind = 'CPTS' AND step <> 'CONFIRM' THEN
    PERFORM cpts.ownership_enqueue(aggregate, ownership_step.node),
            cpts.referrals_follow(aggregate, ownership_step.node);
  ELSIF kind = 'REFERRAL' AND step <> 'RELEASE' THEN
    PERFORM cpts.ending_enqueue(r.parties) FROM cpts.referral r WHERE r.referral_id = aggregate;
  END IF;
  RETURN 'OK';
END
$$;
COMMENT ON FUNCTION cpts.ownership_step(text, uuid, bytea, uuid, text, bytea, text, text, int, text)
  IS 'Does one of what ownership_find() found, if it is still so: OK, or NOTHING. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.attachment_log(principal text, command_id uuid, content_hash bytea,
    attachment uuid, node text, bytes bytea, of_referral uuid) RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_column
DECLARE
  r record;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'told by the node itself';
  END IF;
  SELECT f.epoch::int AS epoch, f.origin_region AS region INTO r FROM cpts.referral f
   WHERE f.referral_id = of_referral AND f.owner_node = attachment_log.node FOR UPDATE;
  UPDATE cpts.referral_attachment m SET logged = true
   WHERE m.referral_id = of_referral AND m.attachment_id = attachment_log.attachment
     AND m.complete AND NOT m.logged AND r.epoch IS NOT NULL;
  IF NOT FOUND THEN
    RETURN 'NOTHING';
  END IF;
  PERFORM cpts.log_append('ATTACHMENT', attachment, 1, r.epoch, 'REFERRAL_ATTACHED', r.region,
    bytes, principal, command_id, content_hash);
  RETURN 'OK';
END
$$;
COMMENT ON FUNCTION cpts.attachment_log(text, uuid, bytea, uuid, text, bytea, uuid)
  IS 'Says in the log that an attachment is complete, once: it goes to the nodes of all who take part. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.referral_deliver(principal text, command_id uuid, content_hash bytea,
    of_referral uuid, node text, bytes bytea, of_assignment uuid, from_states text[],
    to_states text[], overdue_mins int[], custodies text[], arms text[], stops text[])
  RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  f      cpts.referral_fact := cpts.referral_fact_find(of_referral, of_assignment);
  server int := 3;
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'delivered by the node itself';
  END IF;
  IF f.assignment_id IS NULL OR f.owner_node IS DISTINCT FROM node
     OR strpos(from_states[server], ' ' || f.state || ' ') = 0
     OR EXISTS (SELECT FROM cpts.command c
                 WHERE c.principal = referral_deliver.principal
                   AND c.command_id = referral_deliver.command_id) THEN
    RETURN 'NOTHING';
  END IF;
  f := cpts.referral_assignment_step(f, ROW(from_states[server], to_states[server],
         overdue_mins[server], custodies[server], arms[server], stops[server])::cpts.referral_rule,
         'DELIVER', '', NULL);
  PERFORM cpts.referral_write(f, '');
  PERFORM cpts.log_append('REFERRAL', of_referral, f.version, f.epoch, 'REFERRAL_ACTED',
    f.origin_region, bytes, principal, command_id, content_hash);
  RETURN 'OK';
END
$$;
COMMENT ON FUNCTION cpts.referral_deliver(text, uuid, bytea, uuid, text, bytea, uuid, text[], text[], int[], text[], text[], text[])
  IS 'The node that serves the destination holds the referral durably: DELIVERED, once. The arrays are the rows of the table of steps by party. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.node_enrol(node_name text, node_address text, key bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  here bigint := current_setting('app.log_position')::bigint + 1;
BEGIN
  INSERT INTO cpts.node AS n (name, address, status, checkpoint_key, since_position, enrolled_at)
    VALUES (node_name, node_address, 'ENROLLED', key, here, cpts.log_now())
  ON CONFLICT (name) DO UPDATE
    SET address = excluded.address,
        epoch = n.epoch + 1, since_position = excluded.since_position,
        enrolled_at = excluded.enrolled_at,
        status = CASE n.status WHEN 'SUSPENDED' THEN n.status ELSE 'ENROLLED' END;
  PERFORM cpts.checkpoint_key_take(node_name, key);
END
$$;
COMMENT ON FUNCTION cpts.node_enrol(text, text, bytea)
  IS 'A node got its certificate. One that comes in the place of another has the next epoch, so that the other is fenced; one that is suspended stays so.';
REVOKE EXECUTE ON FUNCTION cpts.node_enrol(text, text, bytea) FROM PUBLIC;

CREATE FUNCTION cpts.node_refusal(principal text, command_id uuid, content_hash bytea,
    this_node text, of_node text, OUT outcome text, OUT version int, OUT log_position bigint,
    OUT detail text, OUT status text, OUT epoch int)
  LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
  SELECT CASE WHEN c.content_hash = node_refusal.content_hash THEN 'REPLAYED'
              ELSE 'COMMAND_ID_REUSED' END, c.version, c.log_position
    INTO outcome, version, log_position
    FROM cpts.command c
   WHERE c.principal = node_refusal.principal AND c.command_id = node_refusal.command_id;
  IF FOUND THEN
    RETURN;
  END IF;
  SELECT n.status, n.epoch INTO status, epoch FROM cpts.node n
   WHERE n.name = of_node AND n.name LIKE 'region/%';
  outcome := CASE WHEN this_node <> 'national' THEN 'NOT_OWNER'
                  WHEN status IS NULL THEN 'NODE_NOT_FOUND' END;
  detail := CASE outcome WHEN 'NOT_OWNER' THEN cpts.node_and_address('national')
                         ELSE of_node END;
END
$$;
COMMENT ON FUNCTION cpts.node_refusal(text, uuid, bytea, text, text)
  IS 'Why a command about a node changed nothing, or its outcome when it was carried out before; outcome NULL: none of the reasons that all of them share.';

CREATE FUNCTION cpts.node_decide(principal text, command_id uuid, content_hash bytea,
    aggregate uuid, this_node text, bytes bytea, of_node text, step text, why text,
    epoch_seen int, OUT outcome text, OUT node_id uuid, OUT version int, OUT log_position bigint,
    OUT detail text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_variable
DECLARE
  f record;
BEGIN
  node_id := aggregate;
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    outcome := 'OUT_OF_SCOPE';
    RETURN;
  END IF;
  SELECT r.outcome, r.version, r.log_position, r.detail, r.status, r.epoch INTO f
    FROM cpts.node_refusal(principal, command_id, content_hash, this_node, of_node) r;
  outcome := coalesce(f.outcome,
    CASE WHEN step = 'SUSPEND' AND f.status = 'SUSPENDED' THEN 'NODE_ALREADY_SUSPENDED'
         WHEN step = 'RESUME' AND f.status <> 'SUSPENDED' THEN 'NODE_NOT_SUSPENDED'
         WHEN step = 'EPOCH' AND f.epoch <> epoch_seen THEN 'NODE_EPOCH_STALE' END);
  version := f.version;
  log_position := f.log_position;
  detail := CASE outcome WHEN 'NODE_EPOCH_STALE' THEN f.epoch::text ELSE f.detail END;
  IF outcome IS NOT NULL THEN
    RETURN;
  END IF;
  outcome := 'OK';
  detail := '';
  version := f.epoch;
  IF step = 'SUSPEND' THEN
    UPDATE cpts.node n
       SET status = 'SUSPENDED', suspended_at = cpts.log_now(), suspended_reason = why
     WHERE n.name = of_node;
    INSERT INTO cpts.node (name, address) VALUES ('national', '') ON CONFLICT (name) DO NOTHING;
    UPDATE cpts.region_owner o SET node = 'national', epoch = o.epoch + 1
     WHERE o.node = of_node
    RETURNING o.epoch INTO version;
    version := coalesce(version, f.epoch);
  ELSIF step = 'RESUME' THEN
    UPDATE cpts.node n
       SET status = 'ENROLLED', suspended_at = NULL, suspended_reason = '',
           since_position = current_setting('app.log_position')::bigint + 1
     WHERE n.name = of_node;
  ELSE
    version := f.epoch + 1;
    UPDATE cpts.node n SET epoch = n.epoch + 1 WHERE n.name = of_node;
  END IF;
  log_position := cpts.log_append('NODE', aggregate, version, 1,
    CASE step WHEN 'SUSPEND' THEN 'NODE_SUSPENDED' WHEN 'RESUME' THEN 'NODE_RESUMED'
              ELSE 'NODE_EPOCH_RAISED' END, '', bytes, principal, command_id, content_hash);
END
$$;
COMMENT ON FUNCTION cpts.node_decide(text, uuid, bytea, uuid, text, bytea, text, text, text, int)
  IS 'SUSPEND, RESUME or EPOCH of a regional node, by an operator of the national one. SECURITY DEFINER: cpts_app writes neither nodes nor owners of regions.';

CREATE FUNCTION cpts.node_state(of_node text, this_node text) RETURNS text
  LANGUAGE sql STABLE
  RETURN (SELECT CASE WHEN of_node = this_node THEN 'SELF'
                      WHEN of_node = 'national' THEN 'UPSTREAM'
                      WHEN n.status = 'SUSPENDED' THEN 'SUSPENDED'
                      WHEN EXISTS (SELECT FROM cpts.region_owner o WHERE o.node = of_node) THEN 'OWNER'
                      WHEN n.status = 'ENROLLED' THEN 'ENROLLED' ELSE '' END
            FROM cpts.node n WHERE n.name = of_node);
COMMENT ON FUNCTION cpts.node_state(text, text) IS 'State of a node as another one sees it, as cpts.v1.NodeState.';

CREATE FUNCTION cpts.ownership_pending(this_node text, of_node text) RETURNS bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  RETURN (SELECT count(*)
            FROM cpts.cpts c
            JOIN cpts.region_owner o ON o.region = c.lead_region AND o.node = of_node
           WHERE c.owner_node = this_node AND this_node <> of_node)
       + (SELECT count(*) FROM cpts.ownership_due d
           WHERE cpts.ownership_wanted(d.aggregate_kind, d.aggregate_id, this_node) = of_node)
       + (SELECT count(*)
            FROM cpts.change_log l
            LEFT JOIN cpts.cpts c ON c.cpts_id = l.aggregate_id AND l.aggregate_kind = 'CPTS'
            LEFT JOIN cpts.referral r
              ON r.referral_id = l.aggregate_id AND l.aggregate_kind = 'REFERRAL'
            LEFT JOIN cpts.pathway p
              ON p.pathway_id = l.aggregate_id AND l.aggregate_kind = 'PATHWAY'
           WHERE l.kind = 'OWNERSHIP_RELEASED' AND l.origin_node = this_node
             AND coalesce(c.owner_node, r.owner_node, p.owner_node) = of_node
             AND coalesce(c.epoch, r.epoch, p.epoch) = l.epoch
             AND NOT EXISTS (SELECT FROM cpts.change_log taken
                              WHERE taken.aggregate_id = l.aggregate_id
                                AND taken.version > l.version AND taken.origin_node = of_node));
END
$$;
COMMENT ON FUNCTION cpts.ownership_pending(text, text)
  IS 'Aggregates that are on their way to a node: to be released to it, or released and not confirmed. SECURITY DEFINER: whoever asks sees a part of the log only.';

CREATE FUNCTION cpts.node_certificate_end(of_node text) RETURNS timestamptz
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN (SELECT max(c.not_after) FROM cpts.certificate c
           WHERE c.principal LIKE 'spiffe://%/node/' || of_node
             AND NOT EXISTS (SELECT FROM cpts.certificate_revocation r WHERE r.serial = c.serial));
COMMENT ON FUNCTION cpts.node_certificate_end(text)
  IS 'Until when the certificate that this node gave to a node is valid; NULL: it gave none.';

CREATE FUNCTION cpts.lead_region_set(principal text, command_id uuid, content_hash bytea,
    of_cpts uuid, node text, bytes bytea, version_seen int, region text,
    OUT outcome text, OUT cpts_id uuid, OUT version int, OUT log_position bigint, OUT detail text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_variable
DECLARE
  f     record;
  c     record;
  table_name text;
BEGIN
  cpts_id := of_cpts;
  SELECT r.outcome, r.version, r.log_position, r.detail INTO f
    FROM cpts.command_refusal(principal, command_id, content_hash, of_cpts, node, version_seen) r;
  SELECT k.lead_region, k.stage, k.epoch::int AS epoch,
         k.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') AS is_over INTO c
    FROM cpts.cpts k WHERE k.cpts_id = of_cpts;
  outcome := coalesce(f.outcome, CASE WHEN c.is_over THEN 'CPTS_ENDED'
                                      WHEN c.lead_region = region THEN 'NOTHING_TO_CORRECT' END);
  version := f.version;
  log_position := f.log_position;
  detail := coalesce(f.detail, c.stage);
  IF outcome IS NOT NULL OR NOT cpts.may_write(c.lead_region, of_cpts)
     OR current_setting('app.scope', true) = 'cpts:' || of_cpts THEN
    outcome := coalesce(outcome, 'OUT_OF_SCOPE');
    RETURN;
  END IF;
  -- Row-level security asks each row of a dossier for the region: it goes along.
  FOR table_name IN
    SELECT s.table_name FROM cpts.sync_table s
      JOIN pg_attribute a ON a.attrelid = ('cpts.' || s.table_name)::regclass
       AND a.attname = 'lead_region' AND NOT a.attisdropped
     WHERE s.aggregate_kind = 'CPTS' AND s.key_column = 'cpts_id' ORDER BY s.rank
  LOOP
    EXECUTE format('UPDATE cpts.%I t SET lead_region = $1 WHERE t.cpts_id = $2', table_name)
      USING region, of_cpts;
  END LOOP;
  UPDATE cpts.cpts k SET version = k.version + 1, updated_at = cpts.log_now()
   WHERE k.cpts_id = of_cpts
  RETURNING k.version INTO version;
  PERFORM cpts.lead_record(of_cpts, version, c.lead_region, region);
  PERFORM cpts.sync_scope_move(of_cpts);
  outcome := 'OK';
  detail := '';
  log_position := cpts.log_append('CPTS', of_cpts, version, c.epoch, 'CPTS_LEAD_REGION_SET', region,
    bytes, principal, command_id, content_hash);
END
$$;
COMMENT ON FUNCTION cpts.lead_region_set(text, uuid, bytea, uuid, text, bytea, int, text)
  IS 'Has a CPTS led by another region, by its ARS or the nation: all its rows go along, and its referrals are for that region, too. Who owns it then follows (ownership_find()). SECURITY DEFINER: the policies let no row go to another region.';

REVOKE EXECUTE ON FUNCTION cpts.ownership_leave(uuid), cpts.ownership_find(text, int, bigint),
  cpts.ownership_step(text, uuid, bytea, uuid, text, bytea, text, text, int, text),
  cpts.referral_deliver(text, uuid, bytea, uuid, text, bytea, uuid, text[], text[], int[], text[], text[], text[]),
  cpts.attachment_log(text, uuid, bytea, uuid, text, bytea, uuid),
  cpts.node_decide(text, uuid, bytea, uuid, text, bytea, text, text, text, int),
  cpts.lead_region_set(text, uuid, bytea, uuid, text, bytea, int, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.ownership_find(text, int, bigint),
  cpts.ownership_step(text, uuid, bytea, uuid, text, bytea, text, text, int, text),
  cpts.referral_deliver(text, uuid, bytea, uuid, text, bytea, uuid, text[], text[], int[], text[], text[], text[]),
  cpts.attachment_log(text, uuid, bytea, uuid, text, bytea, uuid),
  cpts.node_decide(text, uuid, bytea, uuid, text, bytea, text, text, text, int),
  cpts.lead_region_set(text, uuid, bytea, uuid, text, bytea, int, text)
  TO cpts_app;

COMMIT;
