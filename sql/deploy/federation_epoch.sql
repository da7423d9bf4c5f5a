-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_epoch
-- A peer that came back with a new epoch.
-- Locks: none.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.sync_epoch(of_peer text, to_epoch int) RETURNS int
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  UPDATE cpts.node n SET epoch = to_epoch WHERE n.name = of_peer AND n.epoch < to_epoch;
  RETURN (SELECT n.epoch FROM cpts.node n WHERE n.name = of_peer);
END
$$;
COMMENT ON FUNCTION cpts.sync_epoch(text, int)
  IS 'Takes note of the epoch with which a peer came whose chain is the one known here: from then on an older one is fenced. Never lower. SECURITY DEFINER: nodes are written by commands else.';
REVOKE EXECUTE ON FUNCTION cpts.sync_epoch(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.sync_epoch(text, int) TO cpts_app;

COMMIT;
