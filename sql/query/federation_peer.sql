-- What this node knows of a peer: for the answer to its hello.
-- $1 this node (text)  $2 the peer (text)  $3 what it may see (text)
-- $4 last origin position of the peer's chain, as it says (bigint)
-- $5 origin position in this node's own chain that the peer says it has (bigint)
-- $6 origin position in it of the signed point that the peer shows (bigint, 0 = none)
-- Gives one row: 0 status (text: SERVED, ENROLLED, SUSPENDED; '' = unknown node), 1 epoch (int,
-- 0 = unknown node), 2 checkpoint key (bytea, 32 bytes or empty), 3 last origin position of its
-- chain that is stored (bigint), 4 hash there (bytea, empty at 0), 5 local position that it
-- acknowledged (bigint), 6 aggregates of it that are parked (int), 7 SHA-256 of what it may see
-- (bytea), 8 hash of its chain at $4 (bytea; empty: not stored, or withheld), 9 hash of this
-- node's own chain at $5 (bytea; empty: there is none), 10 local position of that entry, or
-- of the last one before it (bigint, 0: there is none), 11 hash of this node's own chain at $6
-- (bytea; empty: there is none).
SELECT coalesce(n.status, '') AS status, coalesce(n.epoch, 0) AS epoch,
       coalesce(n.checkpoint_key, '') AS checkpoint_key, k.chain_position AS known_position,
       k.chain_hash AS known_hash, coalesce(c.acknowledged_position, 0) AS acknowledged_position,
       (SELECT count(*)::int FROM cpts.parked_aggregate p
         WHERE p.peer = $2::text AND p.rejected_at IS NULL) AS parked_count,
       cpts.sync_scope_hash($3::text) AS scope_hash,
       cpts.sync_chain_hash($2::text, $4::bigint) AS peer_hash,
       cpts.sync_chain_hash($1::text, $5::bigint) AS own_hash,
       coalesce((SELECT l.local_position FROM cpts.change_log l
                  WHERE l.origin_node = $1::text AND l.origin_position <= $5::bigint
                  ORDER BY l.origin_position DESC LIMIT 1), 0)
         AS own_local_position,
       cpts.sync_chain_hash($1::text, $6::bigint) AS signed_hash
  FROM cpts.sync_chain($2::text) k
  LEFT JOIN cpts.node n ON n.name = $2::text
  LEFT JOIN cpts.sync_cursor c ON c.peer = $2::text
