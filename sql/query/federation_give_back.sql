-- What a peer itself wrote, after an origin position of its chain, and the whole image of what
-- that was about with the last entry of each: for a peer that was restored from an old backup.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 origin position after which (bigint)  $5 changes at most (int)
-- $6 bytes at most, roughly, one change in any case (bigint)
-- Gives rows of the shape of federation_read;
-- H has 7 first: origin position reached,
-- 8 last: last origin position of the peer that is stored.
-- Ordered: H, E by origin position, W, then each I with its R.
SELECT t.what, t.kind, t.id, t.version, t.epoch, t.node, t.region, t.first, t.last, t.recorded_at,
       t.event, t.actor, t.command_id, t.schema_version, t.content_hash, t.prev_hash, t.hash,
       t.bytes, t.body
  FROM cpts.sync_give_back($1::text, $2::text, $3::text, $4::bigint, $5::int, $6::bigint) t
