-- Who this node is, and where its own chain stands.
-- $1 this node (text)
-- Gives one row: 0 epoch (int), 1 reference version (int), 2 last origin position of its own chain
-- (bigint, 0 = empty), 3 hash there (bytea, 32 zero bytes at 0), 4 head of the local log (bigint),
-- 5 why it takes no commands (text, '' = it does: FENCED), 6 origin position of its last
-- checkpoint (bigint, 0 = none).
SELECT 1::int AS epoch, 0::int AS reference_version, 0::bigint AS head_position,
       decode(repeat('00', 32), 'hex') AS head_hash, cpts.log_head() AS local_position,
       ''::text AS read_only, 0::bigint AS signed_position
 WHERE num_nulls($1::text) >= 0
