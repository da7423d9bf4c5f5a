-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_ending
-- A CPTS that ends at another node: that node can change its own referrals only. Whoever stores
-- that it ended, or becomes the owner of a referral in which it takes part, notes it; the server
-- then does for its own referrals what the other one did in the transaction that ended the CPTS.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.live_successor(ended uuid) RETURNS uuid
  LANGUAGE plpgsql STABLE
AS $$
BEGIN
  RETURN (SELECT s.successor_id
            FROM cpts.cpts c
            JOIN cpts.cpts_stage s ON s.cpts_id = c.cpts_id AND s.stage = c.stage
           WHERE c.cpts_id = ended AND s.recorded_to = 'infinity'
             AND cpts.is_cpts_live(s.successor_id)
           ORDER BY s.valid_from DESC, s.version DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION cpts.live_successor(uuid)
  IS 'Whom a CPTS merged into, when that one is live; else NULL.';

CREATE FUNCTION cpts.ending_enqueue(ids uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  INSERT INTO cpts.ownership_due (aggregate_kind, aggregate_id)
    SELECT 'CPTS', c.cpts_id
      FROM cpts.cpts c
      JOIN cpts.stage s ON s.code = c.stage
     WHERE c.cpts_id = ANY (ids) AND NOT s.is_live
       AND EXISTS (
         SELECT FROM cpts.referral_places(c.cpts_id, NULL) p
           JOIN cpts.referral r ON r.referral_id = p.referral_id
           LEFT JOIN cpts.assignment a
             ON a.referral_id = p.referral_id AND a.assignment_id = p.assignment_id
          WHERE cpts.live_successor(c.cpts_id) IS NOT NULL
             -- Without a successor these two stay in their place: once they did, they are done.
             OR (CASE WHEN a.state IS NULL THEN r.overdue < 3
                      ELSE a.state <> 'REPORTED' OR r.custodian_id = c.cpts_id END))
  ON CONFLICT (aggregate_id) DO NOTHING;
END
$$;
COMMENT ON FUNCTION cpts.ending_enqueue(uuid[])
  IS 'Notes those CPTS that ended and still have a place in an open referral of this node.';

CREATE FUNCTION cpts.ending_follow(principal text, command_id uuid, content_hash bytea, ended uuid)
  RETURNS text
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    RAISE insufficient_privilege USING MESSAGE = 'owners change by the node itself';
  END IF;
  DELETE FROM cpts.ownership_due d
   WHERE d.aggregate_kind = 'CPTS' AND d.aggregate_id = ended;
  IF NOT FOUND OR cpts.is_cpts_live(ended) THEN
    RETURN 'NOTHING';
  END IF;
  -- A CPTS may be noted again, by a referral that came later: another command for the log.
  RETURN CASE cardinality(cpts.referrals_follow(ended, cpts.live_successor(ended), principal,
                md5(concat_ws(' ', command_id, current_setting('app.log_position')))::uuid,
                content_hash))
           WHEN 0 THEN 'NOTHING' ELSE 'OK' END;
END
$$;
COMMENT ON FUNCTION cpts.ending_follow(text, uuid, bytea, uuid)
  IS 'What becomes of the referrals of this node in which a CPTS takes part that ended at another one: as cpts.referrals_follow(). OK, or NOTHING when it was done, or is live again. SECURITY DEFINER, for the node itself (scope *) alone.';

REVOKE EXECUTE ON FUNCTION cpts.ending_follow(text, uuid, bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.ending_follow(text, uuid, bytea, uuid) TO cpts_app;

COMMIT;
