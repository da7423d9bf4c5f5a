-- Whole images of some aggregates, as far as the peer may see them.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 aggregate kinds (text[])  $5 their ids (uuid[]), at most 256
-- Gives rows of the shape of federation_read;
-- H has 7 first: head of the local log,
-- 8 last: head of the local log.
-- Ordered: H, then each I with its R. An aggregate that there is not, or that the peer may not
-- see, is left out.
SELECT 'H'::text AS what, NULL::text AS kind, NULL::uuid AS id, NULL::int AS version,
       NULL::int AS epoch, NULL::text AS node, NULL::text AS region, 0::bigint AS first,
       0::bigint AS last, NULL::bigint AS recorded_at, NULL::text AS event, NULL::text AS actor,
       NULL::uuid AS command_id, NULL::int AS schema_version, NULL::bytea AS content_hash,
       NULL::bytea AS prev_hash, NULL::bytea AS hash, NULL::bytea AS bytes, NULL::text AS body
 WHERE num_nulls($1::text, $2::text, $3::text, $4::text[], $5::uuid[]) >= 0
