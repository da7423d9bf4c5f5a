-- Who this node is, and where its own chain stands.
-- $1 this node (text)
-- Gives one row: 0 epoch (int), 1 reference version (int), 2 last origin position of its own chain
-- (bigint, 0 = empty), 3 hash there (bytea, 32 zero bytes at 0), 4 head of the local log (bigint),
-- 5 why it takes no commands (text, '' = it does: FENCED), 6 origin position of its last
-- checkpoint (bigint, 0 = none), 7 origin position after which it lost what it had written (bigint,
-- the greatest = it never did).
SELECT coalesce(s.epoch, 1) AS epoch,
       coalesce((SELECT max(v.version) FROM cpts.reference_version v), 0) AS reference_version,
       c.chain_position AS head_position,
       CASE WHEN c.chain_position = 0 THEN decode(repeat('00', 32), 'hex') ELSE c.chain_hash END AS head_hash,
       cpts.log_head() AS local_position, coalesce(s.read_only, '') AS read_only,
       coalesce((SELECT max(k.position) FROM cpts.sync_checkpoint k WHERE k.node = $1::text), 0)
         AS signed_position,
       coalesce(s.lost_after, 9223372036854775807) AS lost_after
  FROM cpts.sync_chain($1::text) c
  LEFT JOIN cpts.node_self s ON true
