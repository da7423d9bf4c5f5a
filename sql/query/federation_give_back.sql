-- What a peer itself wrote, after an origin position of its chain, and whole images of what that
-- was about: for a peer that was restored from an old backup.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 origin position after which (bigint)  $5 changes at most (int)
-- $6 bytes at most, roughly, one change in any case (bigint)
-- Gives rows of the shape of federation_read;
-- H has 7 first: origin position reached,
-- 8 last: last origin position of the peer that is stored.
-- Ordered: H, E by origin position, W, then each I with its R.
SELECT 'H'::text AS what, NULL::text AS kind, NULL::uuid AS id, NULL::int AS version,
       NULL::int AS epoch, NULL::text AS node, NULL::text AS region, 0::bigint AS first,
       0::bigint AS last, NULL::bigint AS recorded_at, NULL::text AS event, NULL::text AS actor,
       NULL::uuid AS command_id, NULL::int AS schema_version, NULL::bytea AS content_hash,
       NULL::bytea AS prev_hash, NULL::bytea AS hash, NULL::bytea AS bytes, NULL::text AS body
 WHERE num_nulls($1::text, $2::text, $3::text, $4::bigint, $5::int, $6::bigint) >= 0
