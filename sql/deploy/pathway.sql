-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:pathway
-- Pathways (parcours): versioned templates, whose steps form a graph without a cycle, and those
-- that were started. Where a pathway stands is written nowhere: it follows from its referrals.
-- Locks: new tables; referral, for an index.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.pathway_template (
  template         text    COLLATE "C" NOT NULL,
  version          int     NOT NULL,
  label            text    NOT NULL,
  use              text    NOT NULL,
  requester_wanted boolean NOT NULL,
  valid_from       date    NOT NULL,
  source           text    NOT NULL,
  confidence       text    NOT NULL,
  CONSTRAINT pathway_template_key PRIMARY KEY (template, version),
  CONSTRAINT pathway_template_code_shape CHECK (template ~ '^[A-Z][A-Z_]{2,39}$'),
  CONSTRAINT pathway_template_version_range CHECK (version >= 1),
  CONSTRAINT pathway_template_label_length CHECK (char_length(label) BETWEEN 1 AND 100)
);
COMMENT ON TABLE cpts.pathway_template
  IS 'Kinds of pathways, versioned: one that was started keeps its version. Reference data.';
COMMENT ON COLUMN cpts.pathway_template.template IS 'Code, the same in all its versions.';
COMMENT ON COLUMN cpts.pathway_template.version IS 'From 1.';
COMMENT ON COLUMN cpts.pathway_template.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.pathway_template.use IS 'What it is for, in French.';
COMMENT ON COLUMN cpts.pathway_template.requester_wanted
  IS 'An establishment asks for it, through the desk of a CPTS: its FINESS number is required.';
COMMENT ON COLUMN cpts.pathway_template.valid_from IS 'Since when it is started in this version.';
COMMENT ON COLUMN cpts.pathway_template.source IS 'Text that it follows.';
COMMENT ON COLUMN cpts.pathway_template.confidence
  IS 'How far to trust it: official, published, inferred, from memory; must be shown with it.';

CREATE TABLE cpts.pathway_template_step (
  template   text    COLLATE "C" NOT NULL,
  version    int     NOT NULL,
  step       text    COLLATE "C" NOT NULL,
  rank       int     NOT NULL,
  label      text    NOT NULL,
  use_case   cpts.referral_use_case NOT NULL,
  urgency    cpts.referral_urgency  NOT NULL,
  profession text    NOT NULL,
  speciality text    NOT NULL,
  previous   text[]  NOT NULL,
  delay_days int     NOT NULL,
  CONSTRAINT pathway_template_step_key PRIMARY KEY (template, version, step),
  CONSTRAINT pathway_template_step_rank UNIQUE (template, version, rank),
  CONSTRAINT pathway_template_step_template_fk FOREIGN KEY (template, version)
    REFERENCES cpts.pathway_template (template, version),
  CONSTRAINT pathway_template_step_code_shape CHECK (step ~ '^[A-Z][A-Z_]{2,39}$'),
  CONSTRAINT pathway_template_step_rank_range CHECK (rank BETWEEN 1 AND 20),
  CONSTRAINT pathway_template_step_delay_range CHECK (delay_days BETWEEN 0 AND 730),
  CONSTRAINT pathway_template_step_not_itself CHECK (step <> ALL (previous))
);
COMMENT ON TABLE cpts.pathway_template_step
  IS 'Steps of a template: a graph without a cycle, by what comes before each. Reference data.';
COMMENT ON COLUMN cpts.pathway_template_step.template IS 'Code of the template.';
COMMENT ON COLUMN cpts.pathway_template_step.version IS 'Version of the template.';
COMMENT ON COLUMN cpts.pathway_template_step.step IS 'Code of the step, which a referral names.';
COMMENT ON COLUMN cpts.pathway_template_step.rank IS 'Order in which it is shown, from 1.';
COMMENT ON COLUMN cpts.pathway_template_step.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.pathway_template_step.use_case IS 'Use case of its referral.';
COMMENT ON COLUMN cpts.pathway_template_step.urgency IS 'Urgency proposed.';
COMMENT ON COLUMN cpts.pathway_template_step.profession IS 'Code of the profession wanted, or empty.';
COMMENT ON COLUMN cpts.pathway_template_step.speciality IS 'Code of the speciality wanted, or empty.';
COMMENT ON COLUMN cpts.pathway_template_step.previous IS 'Steps that are fulfilled before it is proposed; empty at the beginning.';
COMMENT ON COLUMN cpts.pathway_template_step.delay_days IS 'Days after the last of them for which it is planned.';

CREATE FUNCTION cpts.pathway_template_fault() RETURNS text
  LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH RECURSIVE missing AS (
    SELECT s.template, s.version, s.step
      FROM cpts.pathway_template_step s
      CROSS JOIN LATERAL unnest(s.previous) p (step)
     WHERE NOT EXISTS (SELECT FROM cpts.pathway_template_step b
                        WHERE b.template = s.template AND b.version = s.version
                          AND b.step = p.step)
  ), reached (template, version, step, path) AS (
    SELECT s.template, s.version, s.step, ARRAY[s.step] FROM cpts.pathway_template_step s
    UNION ALL
    SELECT r.template, r.version, p.step, r.path || p.step
      FROM reached r
      JOIN cpts.pathway_template_step s
        ON s.template = r.template AND s.version = r.version AND s.step = r.step
      CROSS JOIN LATERAL unnest(s.previous) p (step)
     WHERE cardinality(r.path) <= 20
       AND (p.step = r.path[1] OR p.step <> ALL (r.path))
       AND NOT (cardinality(r.path) > 1 AND r.step = r.path[1])
  )
  SELECT coalesce(
    (SELECT concat_ws(' ', m.template, m.version, m.step, 'follows a step that there is not')
       FROM missing m LIMIT 1),
    (SELECT concat_ws(' ', r.template, r.version, 'goes round:', array_to_string(r.path, ' < '))
       FROM reached r WHERE cardinality(r.path) > 1 AND r.path[1] = r.step
      ORDER BY cardinality(r.path), r.path LIMIT 1),
    (SELECT concat_ws(' ', t.template, t.version, 'has no step')
       FROM cpts.pathway_template t
      WHERE NOT EXISTS (SELECT FROM cpts.pathway_template_step s
                         WHERE s.template = t.template AND s.version = t.version) LIMIT 1));
END;
COMMENT ON FUNCTION cpts.pathway_template_fault()
  IS 'What is wrong with the graph of a template, or NULL: a step that follows nothing there is, a cycle, no step. Asked when templates are loaded.';

CREATE TABLE cpts.pathway (
  pathway_id       uuid                NOT NULL,
  owner_node       text                NOT NULL,
  epoch            cpts.epoch_number   NOT NULL,
  version          cpts.version_number NOT NULL DEFAULT 1,
  template         text                COLLATE "C" NOT NULL,
  template_version int                 NOT NULL,
  origin_id        uuid                NOT NULL,
  origin_region    text                COLLATE "C" NOT NULL,
  requester_finess cpts.finess_number  NOT NULL,
  pseudonym        bytea,
  synthetic        boolean             NOT NULL,
  started_at       timestamptz         NOT NULL,
  CONSTRAINT pathway_key PRIMARY KEY (pathway_id),
  CONSTRAINT pathway_pseudonym_length CHECK (octet_length(pseudonym) = 16)
);
CREATE INDEX pathway_pseudonym_idx ON cpts.pathway (pseudonym);
CREATE INDEX pathway_origin_id_pathway_id_idx ON cpts.pathway (origin_id, pathway_id);
CREATE INDEX pathway_origin_region_pathway_id_idx ON cpts.pathway (origin_region, pathway_id);
CREATE INDEX referral_pathway_id_idx ON cpts.referral (pathway_id) WHERE pathway_id IS NOT NULL;
COMMENT ON TABLE cpts.pathway
  IS 'Pathways that were started. Nothing here names the patient, and nothing says where it stands: that follows from its referrals.';
COMMENT ON COLUMN cpts.pathway.pathway_id IS 'UUIDv7 minted by the origin''s client.';
COMMENT ON COLUMN cpts.pathway.owner_node IS 'The node that keeps it.';
COMMENT ON COLUMN cpts.pathway.epoch IS 'Epoch of the ownership, from 1.';
COMMENT ON COLUMN cpts.pathway.version IS '1 at its start, +1 when its pseudonym goes or its origin is another.';
COMMENT ON COLUMN cpts.pathway.template IS 'Code of its template; no foreign key, so that a replica with older reference data still stores what the owner decided.';
COMMENT ON COLUMN cpts.pathway.template_version IS 'Version that it was started in, and keeps.';
COMMENT ON COLUMN cpts.pathway.origin_id IS 'CPTS that started it.';
COMMENT ON COLUMN cpts.pathway.origin_region IS 'Lead region of the origin when it was started: its ARS is the desk.';
COMMENT ON COLUMN cpts.pathway.requester_finess IS 'FINESS number of the establishment that asked through the desk of its CPTS, or empty.';
COMMENT ON COLUMN cpts.pathway.pseudonym
  IS '16 random bytes minted by the origin''s client: by them its software knows the patient. Never derived from an identity, and not in the log; NULL once all its referrals are erased.';
COMMENT ON COLUMN cpts.pathway.synthetic IS 'Of a demonstration CPTS; said wherever it is shown.';
COMMENT ON COLUMN cpts.pathway.started_at IS 'When.';

CREATE FUNCTION cpts.has_taken_step(pathway uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN EXISTS (SELECT FROM cpts.referral r
                   JOIN cpts.assignment a ON a.referral_id = r.referral_id
                  WHERE r.pathway_id = pathway AND NOT r.entered_in_error
                    AND a.destination_id = cpts.scope_cpts() AND a.accepted_at IS NOT NULL
                    AND (a.state = 'CLOSED' OR r.custodian_id = a.destination_id
                                               AND cpts.is_assignment_active(a.state)));
COMMENT ON FUNCTION cpts.has_taken_step(uuid)
  IS 'The CPTS of this transaction accepted a referral of the pathway and fulfilled it, or has custody of it now. To be asked, or to have declined, opens nothing. SECURITY DEFINER: asked where only a step is shown.';

CREATE FUNCTION cpts.steps_asked_of_me(pathway uuid) RETURNS text[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN ARRAY(SELECT r.pathway_step
                 FROM cpts.referral r
                 JOIN cpts.assignment a ON a.referral_id = r.referral_id
                WHERE r.pathway_id = pathway AND NOT r.entered_in_error
                  AND a.destination_id = cpts.scope_cpts()
                  AND cpts.is_assignment_active(a.state));
COMMENT ON FUNCTION cpts.steps_asked_of_me(uuid)
  IS 'Steps of the pathway for which the CPTS of this transaction is being asked. SECURITY DEFINER: the policy of pathways asks it.';

CREATE FUNCTION cpts.is_pathway_of_mine(pathway uuid, origin_id uuid, origin_region text)
  RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN cpts.takes_part(ARRAY[origin_id], origin_region)
         OR cpts.scope_cpts() IS NOT NULL
            AND (cpts.has_taken_step(pathway)
                 OR cardinality(cpts.steps_asked_of_me(pathway)) > 0);
COMMENT ON FUNCTION cpts.is_pathway_of_mine(uuid, uuid, text)
  IS 'The scope of this transaction started the pathway, took one of its steps, is being asked for one, or is the ARS of its origin. SECURITY DEFINER: its referrals are not all shown to each of them.';

CREATE FUNCTION cpts.pathway_steps(pathway uuid)
  RETURNS TABLE (step text, rank int, label text, use_case text, urgency text, profession text,
    speciality text, previous text[], delay_days int, state text, proposed_on date,
    referral_ids uuid[], statuses text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH of_pathway AS MATERIALIZED (
    SELECT p.template, p.template_version, p.origin_id, p.started_at,
           CASE WHEN NOT cpts.takes_part(ARRAY[p.origin_id], p.origin_region)
                     AND NOT cpts.has_taken_step(p.pathway_id)
                THEN cpts.steps_asked_of_me(p.pathway_id) END AS only_steps
      FROM cpts.pathway p
     WHERE p.pathway_id = pathway
       AND cpts.is_pathway_of_mine(p.pathway_id, p.origin_id, p.origin_region)
  ), made AS MATERIALIZED (
    SELECT r.pathway_step,
           bool_or(r.status IN ('OPEN', 'TO_REASSIGN')) AS is_under_way,
           bool_or(r.status = 'FULFILLED') AS is_fulfilled,
           min(r.ended_at) FILTER (WHERE r.status = 'FULFILLED') AS fulfilled_at,
           array_agg(r.referral_id ORDER BY r.referral_id) FILTER (WHERE t.is_mine) AS referral_ids,
           array_agg(r.status::text ORDER BY r.referral_id) FILTER (WHERE t.is_mine) AS statuses
      FROM of_pathway p
      JOIN cpts.referral r ON r.pathway_id = pathway AND NOT r.entered_in_error
      CROSS JOIN LATERAL (SELECT cpts.scope_cpts() IS NOT DISTINCT FROM p.origin_id
                                 OR cpts.takes_part(r.parties, r.origin_region)) t (is_mine)
     GROUP BY r.pathway_step
  )
  SELECT s.step, s.rank, s.label, s.use_case::text, s.urgency::text, s.profession, s.speciality,
         s.previous, s.delay_days,
         CASE WHEN m.is_fulfilled THEN 'FULFILLED'
              WHEN m.is_under_way THEN 'UNDER_WAY'
              WHEN b.done = cardinality(s.previous) THEN 'PROPOSED'
              ELSE 'WAITING' END,
         CASE WHEN NOT coalesce(m.is_fulfilled OR m.is_under_way, false)
                   AND b.done = cardinality(s.previous)
              THEN (coalesce(b.last_at, p.started_at) AT TIME ZONE 'Europe/Paris')::date
                   + s.delay_days END,
         coalesce(m.referral_ids, '{}'), coalesce(m.statuses, '{}')
    FROM of_pathway p
    JOIN cpts.pathway_template_step s
      ON s.template = p.template AND s.version = p.template_version
    LEFT JOIN made m ON m.pathway_step = s.step
    CROSS JOIN LATERAL (SELECT count(*) AS done, max(d.fulfilled_at) AS last_at
                          FROM made d
                         WHERE d.pathway_step = ANY (s.previous) AND d.is_fulfilled) b
   WHERE p.only_steps IS NULL OR s.step = ANY (p.only_steps)
   ORDER BY s.rank;
END;
COMMENT ON FUNCTION cpts.pathway_steps(uuid)
  IS 'The steps of a pathway with the state that follows from its referrals: FULFILLED, UNDER_WAY, PROPOSED (all before it are fulfilled) or WAITING. SECURITY DEFINER: who took a step is told how the others stand, and names of referrals only where it takes part; who is only being asked is told of that step alone.';

CREATE FUNCTION cpts.pathway_refusal(pathway uuid, of_step text, origin uuid, of_use_case text)
  RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT CASE WHEN p.pathway_id IS NULL THEN 'PATHWAY_NOT_FOUND'
              WHEN s.step IS NULL THEN 'UNKNOWN_PATHWAY_STEP'
              WHEN s.use_case <> of_use_case THEN 'PATHWAY_STEP_DIFFERS'
              WHEN s.state IN ('UNDER_WAY', 'FULFILLED') THEN 'PATHWAY_STEP_TAKEN'
              WHEN s.state = 'WAITING' THEN 'PATHWAY_STEP_WAITS' END
    FROM (VALUES (1)) one
    LEFT JOIN cpts.pathway p ON p.pathway_id = pathway
         AND (p.origin_id = cpts.scope_cpts() OR cpts.has_taken_step(p.pathway_id))
    LEFT JOIN LATERAL cpts.pathway_steps(p.pathway_id) s ON s.step = of_step;
END;
COMMENT ON FUNCTION cpts.pathway_refusal(uuid, text, uuid, text)
  IS 'Why a referral cannot be that step of that pathway; NULL when it can. A CPTS that holds or fulfilled a step may submit another one, too. SECURITY DEFINER: as cpts.pathway_steps().';

CREATE FUNCTION cpts.pathway_start(principal text, command_id uuid, content_hash bytea,
    of_pathway uuid, node text, bytes bytea, origin uuid, of_template text, of_version int,
    requester text, of_pseudonym bytea,
    OUT outcome text, OUT pathway_id uuid, OUT version int, OUT log_position bigint,
    OUT detail text, OUT template_version int)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  o record;
  t record;
BEGIN
  pathway_id := of_pathway;
  SELECT CASE WHEN c.content_hash = pathway_start.content_hash THEN 'REPLAYED'
              ELSE 'COMMAND_ID_REUSED' END, c.version, c.log_position,
         (SELECT p.template_version FROM cpts.pathway p WHERE p.pathway_id = c.aggregate_id)
    INTO outcome, version, log_position, template_version
    FROM cpts.command c
   WHERE c.principal = pathway_start.principal AND c.command_id = pathway_start.command_id;
  IF FOUND THEN
    RETURN;
  END IF;
  SELECT c.owner_node, c.epoch, c.lead_region, c.synthetic, s.is_live INTO o
    FROM cpts.cpts c JOIN cpts.stage s ON s.code = c.stage
   WHERE c.cpts_id = origin;
  SELECT p.version, p.requester_wanted INTO t
    FROM cpts.pathway_template p
   WHERE p.template = of_template AND (p.version = of_version OR of_version = 0)
     AND p.valid_from <= current_date
   ORDER BY p.version DESC LIMIT 1;
  detail := CASE WHEN o.owner_node <> node THEN cpts.node_and_address(o.owner_node)
                 ELSE of_template END;
  outcome := CASE
    WHEN current_setting('app.scope', true) IS DISTINCT FROM 'cpts:' || origin THEN 'WRONG_PARTY'
    WHEN o.owner_node IS NULL THEN 'CPTS_NOT_FOUND'
    WHEN o.owner_node <> node THEN 'NOT_OWNER'
    WHEN NOT o.is_live THEN 'CPTS_ENDED'
    WHEN t.version IS NULL THEN 'UNKNOWN_PATHWAY_TEMPLATE'
    WHEN t.requester_wanted AND requester = '' THEN 'REQUESTER_REQUIRED'
    WHEN EXISTS (SELECT FROM cpts.pathway p
                  WHERE p.pathway_id = of_pathway OR p.pseudonym = of_pseudonym) THEN 'ID_TAKEN'
    ELSE 'OK' END;
  IF outcome <> 'OK' THEN
    RETURN;
  END IF;
  version := 1;
  template_version := t.version;
  INSERT INTO cpts.pathway (pathway_id, owner_node, epoch, template, template_version, origin_id,
      origin_region, requester_finess, pseudonym, synthetic, started_at)
    VALUES (of_pathway, o.owner_node, o.epoch, of_template, t.version, origin, o.lead_region,
      requester, of_pseudonym, o.synthetic, cpts.log_now());
  log_position := cpts.log_append('PATHWAY', of_pathway, 1, o.epoch, 'PATHWAY_STARTED',
    o.lead_region, bytes, principal, command_id, content_hash);
END
$$;
COMMENT ON FUNCTION cpts.pathway_start(text, uuid, bytea, uuid, text, bytea, uuid, text, int, text, bytea)
  IS 'Starts a pathway, or says why not. SECURITY DEFINER, as the commands of referrals: cpts_app writes none by itself.';

CREATE FUNCTION cpts.pathway_forget(of_pathway uuid, erased_now uuid) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM FROM cpts.pathway p WHERE p.pathway_id = of_pathway FOR UPDATE;
  UPDATE cpts.pathway p
     SET pseudonym = NULL, version = p.version + 1
   WHERE p.pathway_id = of_pathway AND p.pseudonym IS NOT NULL
     AND p.owner_node = current_setting('app.log_node')
     AND NOT EXISTS (SELECT FROM cpts.referral r
                      WHERE r.pathway_id = of_pathway AND r.referral_id <> erased_now
                        AND NOT r.erased);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION cpts.pathway_forget(uuid, uuid)
  IS 'Destroys the pseudonym of a pathway of this node when this transaction erases the last of its referrals; whether it did. The lock lets the later one of two erasures see the other. SECURITY DEFINER: cpts_app writes no pathways.';

CREATE FUNCTION cpts.pathways_follow(ended uuid, successor uuid) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  UPDATE cpts.pathway p
     SET version = p.version + 1, origin_id = c.cpts_id,
         origin_region = coalesce(c.lead_region, p.origin_region)
    FROM cpts.cpts c
   WHERE p.origin_id = ended AND p.owner_node = current_setting('app.log_node')
     AND c.cpts_id = successor;
END;
COMMENT ON FUNCTION cpts.pathways_follow(uuid, uuid)
  IS 'The pathways of a CPTS that merges are those of its successor, with its region as theirs; without one they stay. The entry of the merge says so in the log. SECURITY DEFINER: as cpts.pathway_forget().';

REVOKE EXECUTE ON FUNCTION cpts.pathway_forget(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.pathway_forget(uuid, uuid) TO cpts_app;
REVOKE EXECUTE ON FUNCTION cpts.pathways_follow(uuid, uuid) FROM PUBLIC;

ALTER TABLE cpts.pathway ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.pathway FORCE ROW LEVEL SECURITY;
CREATE POLICY pathway_read ON cpts.pathway FOR SELECT
  USING (cpts.is_pathway_of_mine(pathway_id, origin_id, origin_region));

GRANT SELECT ON cpts.pathway TO cpts_app;
GRANT SELECT ON cpts.pathway_template TO cpts_app;
GRANT SELECT ON cpts.pathway_template_step TO cpts_app;
REVOKE EXECUTE ON FUNCTION cpts.pathway_refusal(uuid, text, uuid, text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION cpts.pathway_start(text, uuid, bytea, uuid, text, bytea, uuid, text, int, text, bytea)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.pathway_start(text, uuid, bytea, uuid, text, bytea, uuid, text, int, text, bytea)
  TO cpts_app;

COMMIT;
