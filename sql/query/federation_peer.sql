-- What this node knows of a peer: for the answer to its hello.
-- $1 this node (text)  $2 the peer (text)  $3 what it may see (text)
-- $4 last origin position of the peer's chain, as it says (bigint)
-- $5 origin position in this node's own chain that the peer says it has (bigint)
-- Gives one row: 0 status (text: SERVED, ENROLLED, SUSPENDED; '' = unknown node), 1 epoch (int,
-- 0 = unknown node), 2 checkpoint key (bytea, 32 bytes or empty), 3 last origin position of its
-- chain that is stored (bigint), 4 hash there (bytea, empty at 0), 5 local position that it
-- acknowledged (bigint), 6 aggregates of it that are parked (int), 7 SHA-256 of what it may see
-- (bytea), 8 hash of its chain at $4 (bytea; empty: not stored, or withheld), 9 hash of this
-- node's own chain at $5 (bytea; empty: there is none).
SELECT ''::text AS status, 0::int AS epoch, ''::bytea AS checkpoint_key,
       0::bigint AS known_position,
       ''::bytea AS known_hash, 0::bigint AS acknowledged_position, 0::int AS parked_count,
       sha256(convert_to($3::text, 'UTF8')) AS scope_hash, ''::bytea AS peer_hash,
       ''::bytea AS own_hash
 WHERE num_nulls($1::text, $2::text, $4::bigint, $5::bigint) >= 0
