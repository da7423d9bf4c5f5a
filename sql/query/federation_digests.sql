-- Digests of all buckets: of what a peer should have, or of what this node has of it.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 this node is the source (boolean)
-- Gives 256 rows in order: 0 position of which they are true (bigint: the head of the local log,
-- or of a sink the position of its cursor), 1 bucket (int), 2 SHA-256 (bytea, 32 zero bytes:
-- empty).
SELECT CASE WHEN $4::boolean THEN cpts.log_head()
            ELSE coalesce((SELECT c.position FROM cpts.sync_cursor c WHERE c.peer = $2::text), 0)
       END AS position, b.bucket,
       coalesce(d.sha256, decode(repeat('00', 32), 'hex')) AS sha256
  FROM generate_series(0, 255) b (bucket)
  LEFT JOIN (SELECT cpts.sync_bucket(a.aggregate_id) AS bucket,
                    sha256(string_agg(a.sha256, ''::bytea
                                      ORDER BY a.aggregate_kind COLLATE "C", a.aggregate_id)) AS sha256
               FROM cpts.sync_digest($1::text, $2::text, $3::text, $4::boolean,
                                     ARRAY(SELECT generate_series(0, 255))) a
              GROUP BY 1) d ON d.bucket = b.bucket
 ORDER BY b.bucket
