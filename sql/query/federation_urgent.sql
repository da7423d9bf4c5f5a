-- Images of urgent referrals that changed after a local position, ahead of their turn.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 local position after which (bigint)
-- Gives rows of the shape of federation_read;
-- H has 7 first: position looked at,
-- 8 last: head of the local log.
-- Ordered: H, then each I with its R.
SELECT t.what, t.kind, t.id, t.version, t.epoch, t.node, t.region, t.first, t.last, t.recorded_at,
       t.event, t.actor, t.command_id, t.schema_version, t.content_hash, t.prev_hash, t.hash,
       t.bytes, t.body
  FROM cpts.sync_urgent($1::text, $2::text, $3::text, $4::bigint) t
