-- The aggregates of some buckets, each with its digest.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 this node is the source (boolean)  $5 buckets (int[])
-- Gives rows in order of kind and id: 0 position of which they are true (bigint), 1 aggregate kind
-- (text), 2 id (uuid), 3 version (int), 4 SHA-256 (bytea).
SELECT 0::bigint AS position, ''::text AS aggregate_kind, NULL::uuid AS aggregate_id,
       0::int AS version,
       ''::bytea AS sha256
 WHERE num_nulls($1::text, $2::text, $3::text, $4::boolean, $5::int[]) >= 0
   AND false
