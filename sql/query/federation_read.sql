-- The next batch for a peer, in one consistent read: what happened after a local position.
-- $1 this node (text)  $2 the peer (text)
-- $3 what it may see (text: *, region:<INSEE>, cpts:<uuid>)
-- $4 local position after which (bigint)  $5 changes at most (int)
-- $6 bytes at most of entries and, roughly, of their images; one change in any case (bigint)
-- Gives rows of one shape, a thing each; what a thing does not have is NULL. _urgent, _fetch,
-- _snapshot and _give_back give the same:
--   0 what (text): H, once and first; E entry; W withheld run; I image; R row of the image
--     before it
--   1 kind (text): E, I aggregate kind; R kind of row (its table); H of _read alone the peer's
--     status (SUSPENDED and others, as cpts.node.status; NULL: it is no node)
--   2 id (uuid): E, I aggregate          3 version (int): E, I
--   4 epoch (int): E, I                  5 node (text): E origin, I owner
--   6 region (text): E, I lead region
--   7 first (bigint): H position reached; E local position; W first; I version since which rows
--     are told, 0 = the whole; R since when its owner believes it (microseconds; 0: a kind
--     without belief)
--   8 last (bigint): H head of the local log; E origin position; W last; I 1 = public only,
--     + 2 = told again, without a change; R until when (9223372036854775807 while it does; 0: a kind without belief)
--   9 recorded_at (bigint, microseconds): E      10 event (text): E its kind, as CPTS_UPDATED
--   11 actor (text): E                   12 command_id (uuid): E
--   13 schema_version (int): E           14 content_hash (bytea): E, empty = none
--   15 prev_hash (bytea): E              16 hash (bytea): E, W
--   17 bytes (bytea): E                  18 body (text): R, a JSON object
-- Ordered: H, E by position, W by position, then each I with its R, those of one table together.
-- H alone, with first = $4: nothing there. first may be beyond $4 without E, W and I: nothing that
-- the peer may see.
SELECT t.what,
       CASE t.what WHEN 'H' THEN (SELECT n.status FROM cpts.node n WHERE n.name = $2::text)
                   ELSE t.kind END AS kind, t.id, t.version, t.epoch, t.node, t.region, t.first, t.last, t.recorded_at,
       t.event, t.actor, t.command_id, t.schema_version, t.content_hash, t.prev_hash, t.hash,
       t.bytes, t.body
  FROM cpts.sync_read($1::text, $2::text, $3::text, $4::bigint, $5::int, $6::bigint) t
