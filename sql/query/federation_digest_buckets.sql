-- The aggregates of some buckets, each with its digest.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 this node is the source (boolean)  $5 buckets (int[])
-- Gives rows in order of kind and id: 0 position of which they are true (bigint), 1 aggregate kind
-- (text), 2 id (uuid), 3 version (int), 4 SHA-256 (bytea).
SELECT CASE WHEN $4::boolean THEN cpts.log_head()
            ELSE coalesce((SELECT c.position FROM cpts.sync_cursor c WHERE c.peer = $2::text), 0)
       END AS position, d.aggregate_kind, d.aggregate_id, d.version, d.sha256
  FROM cpts.sync_digest($1::text, $2::text, $3::text, $4::boolean, $5::int[]) d
 ORDER BY d.aggregate_kind COLLATE "C", d.aggregate_id
