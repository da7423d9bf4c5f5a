-- This node was found to be an old or forked one: from now on it takes no commands, and what its
-- own chain has beyond what the peer knows is moved to cpts.forked_change. In a transaction that
-- began with log_lock and log_begin. Again: changes nothing more.
-- $1 this node (text)  $2 the peer that knows better (text)
-- $3 origin position up to which the peer knows this node's chain (bigint)  $4 hash there (bytea)
-- Gives one row: 0 changes moved (int), 1 origin position after which the peer is to give back
-- (bigint): the last at which both agree, as far as this node can tell.
SELECT b.forked_count, b.from_position AS position
  FROM cpts.sync_restore_begin($1::text, $2::text, $3::bigint, $4::bytea) b
