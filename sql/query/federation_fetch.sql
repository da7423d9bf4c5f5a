-- Whole images of some aggregates, as far as the peer may see them.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 aggregate kinds (text[])  $5 their ids (uuid[]), at most 256
-- Gives rows of the shape of federation_read;
-- H has 7 first: head of the local log,
-- 8 last: head of the local log.
-- Ordered: H, then each I with its R. An aggregate that there is not, or that the peer may not
-- see, is left out.
SELECT t.what, t.kind, t.id, t.version, t.epoch, t.node, t.region, t.first, t.last, t.recorded_at,
       t.event, t.actor, t.command_id, t.schema_version, t.content_hash, t.prev_hash, t.hash,
       t.bytes, t.body
  FROM cpts.sync_fetch($1::text, $3::text, $4::text[], $5::uuid[]) t
 WHERE $2::text <> ''
