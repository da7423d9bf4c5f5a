-- A chunk of a snapshot: whole images of what a peer may see, in order of kind and id. The log
-- follows from the position that the first chunk told: what changed meanwhile comes again.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 kind and $5 id of the last aggregate that it has (text, uuid; NULL = from the first on)
-- $6 aggregates at most (int)  $7 bytes at most, roughly, one aggregate in any case (bigint)
-- Gives rows of the shape of federation_read;
-- H has 7 first: head of the local log,
-- 8 last: origin position of this node's chain.
-- H has also 3 version: aggregates in all, 4 epoch: of this node, 16 hash: of its chain there.
-- Ordered: H, then each I with its R. H alone: the snapshot is complete.
SELECT 'H'::text AS what, NULL::text AS kind, NULL::uuid AS id, NULL::int AS version,
       NULL::int AS epoch, NULL::text AS node, NULL::text AS region, 0::bigint AS first,
       0::bigint AS last, NULL::bigint AS recorded_at, NULL::text AS event, NULL::text AS actor,
       NULL::uuid AS command_id, NULL::int AS schema_version, NULL::bytea AS content_hash,
       NULL::bytea AS prev_hash, NULL::bytea AS hash, NULL::bytea AS bytes, NULL::text AS body
 WHERE num_nulls($1::text, $2::text, $3::text, $4::text, $5::uuid, $6::int, $7::bigint) >= 0
