-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation_scope
-- Who beyond its own region may see a referral or a pathway: written when somebody of another
-- region is asked, so that nothing is computed when nodes synchronise.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.sync_scope (
  aggregate_id   uuid NOT NULL,
  party_id       uuid NOT NULL,
  aggregate_kind text NOT NULL,
  region         text COLLATE "C" NOT NULL,
  version        int  NOT NULL,
  CONSTRAINT sync_scope_key PRIMARY KEY (aggregate_id, party_id),
  CONSTRAINT sync_scope_kind_known CHECK (aggregate_kind IN ('REFERRAL', 'PATHWAY')),
  CONSTRAINT sync_scope_version_range CHECK (version >= 1)
);
CREATE INDEX sync_scope_region_aggregate_kind_aggregate_id_idx
  ON cpts.sync_scope (region, aggregate_kind, aggregate_id);
COMMENT ON TABLE cpts.sync_scope
  IS 'CPTS of another region than the origin''s that take part in a referral or a pathway: their region sees it, too. Rows are added, never taken away.';
COMMENT ON COLUMN cpts.sync_scope.aggregate_id IS 'The referral or the pathway.';
COMMENT ON COLUMN cpts.sync_scope.party_id IS 'The CPTS that takes part.';
COMMENT ON COLUMN cpts.sync_scope.aggregate_kind IS 'REFERRAL or PATHWAY.';
COMMENT ON COLUMN cpts.sync_scope.region IS 'Lead region of that CPTS.';
COMMENT ON COLUMN cpts.sync_scope.version IS 'Version of the aggregate with which it came in.';

CREATE FUNCTION cpts.sync_scope_add(of_referral uuid, version int, origin_region text,
    parties uuid[]) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO cpts.sync_scope (aggregate_id, party_id, aggregate_kind, region, version)
    SELECT a.aggregate_id, c.cpts_id, a.aggregate_kind, c.lead_region,
           CASE a.aggregate_kind WHEN 'REFERRAL' THEN sync_scope_add.version ELSE 1 END
      FROM cpts.cpts c
     CROSS JOIN LATERAL (
       SELECT of_referral AS aggregate_id, 'REFERRAL' AS aggregate_kind
        UNION ALL
       SELECT r.pathway_id, 'PATHWAY' FROM cpts.referral r
        WHERE r.referral_id = of_referral AND r.pathway_id IS NOT NULL) a
     WHERE c.cpts_id = ANY (sync_scope_add.parties)
       AND c.lead_region <> sync_scope_add.origin_region
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION cpts.sync_scope_add(uuid, int, text, uuid[])
  IS 'Notes those of these parties that are of another region than the referral''s origin. Called where a party comes in, with the version that the referral then has. SECURITY DEFINER: cpts_app writes no scope by itself.';
REVOKE EXECUTE ON FUNCTION cpts.sync_scope_add(uuid, int, text, uuid[]) FROM PUBLIC;

COMMIT;
