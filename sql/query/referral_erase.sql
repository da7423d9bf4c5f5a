-- Destroys the sealed parts, keys, notes and attachments of a referral that is over; what is left
-- is a tombstone, which keeps its place in a pathway: a step that was fulfilled stays so.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral_id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 expected version (int; 0 = any, of the node itself)
-- Gives one row: outcome, referral_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT c.content_hash = $3::bytea AS same, c.version, c.log_position
    FROM cpts.command c WHERE c.principal = $1::text AND c.command_id = $2::uuid
), cur AS MATERIALIZED (
  SELECT r.referral_id, r.owner_node, r.erased, r.ended_at, r.version, r.status,
         cpts.part_in_referral(r.origin_id) AS part,
         EXISTS (SELECT FROM cpts.assignment a
                  WHERE a.referral_id = r.referral_id AND a.destination_id = cpts.scope_cpts()
                    AND a.state = 'CLOSED') AS held_last
    FROM cpts.referral r WHERE r.referral_id = $4::uuid
), judged AS MATERIALIZED (
  SELECT CASE WHEN s.same THEN 'REPLAYED' WHEN NOT s.same THEN 'COMMAND_ID_REUSED'
              WHEN c.referral_id IS NULL THEN 'REFERRAL_NOT_FOUND'
              WHEN $7::int > 0 AND NOT (c.part = 'ORIGIN' OR c.held_last) THEN 'WRONG_PARTY'
              WHEN c.owner_node <> $5::text THEN 'NOT_OWNER'
              WHEN c.erased THEN 'REFERRAL_IS_ERASED'
              WHEN c.ended_at IS NULL THEN 'REFERRAL_IS_OPEN'
              WHEN $7::int > 0 AND c.version <> $7::int THEN 'STALE_VERSION'
              ELSE 'OK' END AS outcome
    FROM (VALUES (1)) one
    LEFT JOIN seen s ON true
    LEFT JOIN cur c ON true
), upd AS (
  UPDATE cpts.referral r
     SET version = r.version + 1, updated_at = cpts.log_now(), erased = true, consent = NULL,
         later_consent = NULL, speciality = '', wrap = NULL
    FROM judged j
   WHERE j.outcome = 'OK' AND r.referral_id = $4::uuid
  RETURNING r.version, r.epoch, r.origin_region, r.pathway_id
), candidates AS (
  DELETE FROM cpts.referral_candidate c USING upd WHERE c.referral_id = $4::uuid
), notes AS (
  DELETE FROM cpts.referral_note n USING upd WHERE n.referral_id = $4::uuid
), attachments AS (
  DELETE FROM cpts.referral_attachment m USING upd WHERE m.referral_id = $4::uuid
), chunks AS (
  DELETE FROM cpts.referral_chunk k USING upd WHERE k.referral_id = $4::uuid
), wraps AS (
  UPDATE cpts.assignment a SET wrap = NULL FROM upd
   WHERE a.referral_id = $4::uuid AND a.wrap IS NOT NULL
), logged AS MATERIALIZED (
  SELECT upd.version, cpts.log_append('REFERRAL', $4::uuid, upd.version, upd.epoch,
           'REFERRAL_ERASED', upd.origin_region, $6::bytea, $1::text, $2::uuid, $3::bytea)
           AS log_position,
         cpts.sealed_parts_erase($4::uuid) AS are_erased,
         cpts.pathway_forget(upd.pathway_id, $4::uuid) AS is_forgotten
    FROM upd
)
SELECT j.outcome, $4::uuid, coalesce(l.version, s.version), coalesce(l.log_position, s.log_position),
       CASE j.outcome WHEN 'STALE_VERSION' THEN c.version::text
                      WHEN 'REFERRAL_IS_OPEN' THEN c.status::text
                      WHEN 'NOT_OWNER' THEN cpts.node_and_address(c.owner_node) ELSE '' END
  FROM judged j
  LEFT JOIN seen s ON true
  LEFT JOIN cur c ON true
  LEFT JOIN logged l ON true
