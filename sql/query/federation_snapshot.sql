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
SELECT t.what, t.kind, t.id, t.version, t.epoch, t.node, t.region, t.first, t.last, t.recorded_at,
       t.event, t.actor, t.command_id, t.schema_version, t.content_hash, t.prev_hash, t.hash,
       t.bytes, t.body
  FROM cpts.sync_snapshot($1::text, $2::text, $3::text, $4::text, $5::uuid, $6::int, $7::bigint) t
