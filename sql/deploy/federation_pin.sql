-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_pin
-- Whom a node believes to be which node: keys that signed checkpoints, and what enrolment told of
-- the node above. The first word counts; a later one is refused unless the former key vouches.
-- Locks: cpts.node briefly, for columns; a new table.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.node
  ADD COLUMN authority bytea,
  ADD COLUMN pinned_at timestamptz,
  ADD CONSTRAINT node_authority_length CHECK (octet_length(authority) = 32),
  ADD CONSTRAINT node_pinned_whole CHECK (pinned_at IS NULL OR checkpoint_key IS NOT NULL
    AND authority IS NOT NULL);
COMMENT ON COLUMN cpts.node.authority
  IS 'SHA-256 of the authority (DER) that its certificate is of, as enrolment told it; NULL: it told none.';
COMMENT ON COLUMN cpts.node.pinned_at
  IS 'Since when it is believed to be that node by its key and its authority; NULL: not pinned. Columns checkpoint_key and authority then change by no start of the server.';

CREATE TABLE cpts.checkpoint_key (
  node     text        NOT NULL,
  key      bytea       NOT NULL,
  since_at timestamptz NOT NULL,
  CONSTRAINT checkpoint_key_key PRIMARY KEY (node, key),
  CONSTRAINT checkpoint_key_length CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE cpts.checkpoint_key
  IS 'Every key that a node is known to have signed checkpoints with, so that old ones still verify. The one in force is cpts.node.checkpoint_key.';
COMMENT ON COLUMN cpts.checkpoint_key.node IS 'The node''s name.';
COMMENT ON COLUMN cpts.checkpoint_key.key IS 'Ed25519 public key, 32 bytes.';
COMMENT ON COLUMN cpts.checkpoint_key.since_at IS 'When it was told here first.';

CREATE FUNCTION cpts.checkpoint_key_take(of_node text, new_key bytea) RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO cpts.checkpoint_key (node, key, since_at)
    SELECT of_node, k.key, clock_timestamp()
      FROM (SELECT n.checkpoint_key AS key FROM cpts.node n WHERE n.name = of_node
             UNION SELECT new_key) k
     WHERE k.key IS NOT NULL
    ON CONFLICT (node, key) DO NOTHING;
  UPDATE cpts.node SET checkpoint_key = new_key
   WHERE name = of_node AND checkpoint_key IS DISTINCT FROM new_key;
END;
COMMENT ON FUNCTION cpts.checkpoint_key_take(text, bytea)
  IS 'From now on that key signs the checkpoints of a node; the one before stays known.';

CREATE FUNCTION cpts.node_know_self(this_node text, key bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'a node tells of itself';
  END IF;
  INSERT INTO cpts.node (name, address, status, checkpoint_key)
    VALUES (this_node, '', CASE this_node WHEN 'national' THEN 'SERVED' ELSE 'ENROLLED' END, key)
    ON CONFLICT (name) DO NOTHING;
  PERFORM cpts.checkpoint_key_take(this_node, key);
END
$$;
COMMENT ON FUNCTION cpts.node_know_self(text, bytea)
  IS 'A node notes its own name and the key that it signs checkpoints with. SECURITY DEFINER, for the node itself (scope *) alone.';

CREATE FUNCTION cpts.node_pin(this_node text, of_node text, at_address text, of_epoch int,
    key bytea, of_authority bytea, own_epoch int, OUT refused text, OUT authority bytea)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
#variable_conflict use_variable
DECLARE
  n       record;
  is_told boolean := octet_length(key) > 0;
BEGIN
  refused := '';
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'a node tells whom it believes';
  END IF;
  IF is_told THEN
    INSERT INTO cpts.node (name, address, epoch) VALUES (of_node, at_address, of_epoch)
      ON CONFLICT (name) DO NOTHING;
  END IF;
  SELECT h.checkpoint_key, h.authority, h.pinned_at INTO n
    FROM cpts.node h WHERE h.name = of_node FOR UPDATE;
  IF is_told THEN
    refused := concat_ws(', ',
      CASE WHEN n.checkpoint_key <> key
                AND NOT EXISTS (SELECT FROM cpts.checkpoint_key k
                                 WHERE k.node = of_node AND k.key = node_pin.key)
           THEN format('checkpoint key %s, not %s', encode(key, 'hex'),
                       encode(n.checkpoint_key, 'hex')) END,
      CASE WHEN n.authority <> of_authority
           THEN format('authority %s, not %s', encode(of_authority, 'hex'),
                       encode(n.authority, 'hex')) END);
  END IF;
  IF refused <> '' THEN
    PERFORM cpts.sync_alarm(of_node, 'UPSTREAM_CHANGED', '', refused);
  ELSIF is_told AND n.pinned_at IS NULL THEN
    PERFORM cpts.checkpoint_key_take(of_node, key);
    UPDATE cpts.node h SET authority = of_authority, pinned_at = clock_timestamp()
     WHERE h.name = of_node;
  END IF;
  IF is_told AND refused = '' THEN
    INSERT INTO cpts.node_self AS s (name, epoch) VALUES (this_node, own_epoch)
      ON CONFLICT (is_self) DO UPDATE SET epoch = excluded.epoch WHERE s.epoch < excluded.epoch;
  END IF;
  UPDATE cpts.node h
     SET address = at_address,
         epoch = greatest(h.epoch, CASE WHEN refused = '' THEN of_epoch ELSE 0 END)
   WHERE h.name = of_node;
  authority := coalesce((SELECT h.authority FROM cpts.node h WHERE h.name = of_node), '');
END
$$;
COMMENT ON FUNCTION cpts.node_pin(text, text, text, int, bytea, bytea, int)
  IS 'What enrolment told of the node above, each time the server starts: pinned the first time; another key or authority later is refused (what, else empty) and raises UPSTREAM_CHANGED; a former key that a later one followed is no other. This node has at least the epoch that it was told. Gives the authority in force. SECURITY DEFINER, for the node itself (scope *) alone.';

REVOKE EXECUTE ON FUNCTION cpts.checkpoint_key_take(text, bytea), cpts.node_know_self(text, bytea),
  cpts.node_pin(text, text, text, int, bytea, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.node_know_self(text, bytea),
  cpts.node_pin(text, text, text, int, bytea, bytea, int) TO cpts_app;
GRANT SELECT ON cpts.checkpoint_key TO cpts_app;

COMMIT;
