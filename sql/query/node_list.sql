-- The nodes that this one knows, by name.
-- $1 this node (text)
-- Gives: 0 name, 1 address, 2 state (as cpts.v1.NodeState), 3 epoch, 4 epoch of the ownership of its region's
-- records (0 = none), 5 id of its checkpoint key (hexadecimal), 6 CPTS that it owns, 7 open referrals that it
-- owns, 8 aggregates on their way to it, 9 why it is suspended, 10 enrolled at, 11 suspended at
-- (bigint, microseconds, 0 = not).
SELECT n.name, n.address, cpts.node_state(n.name, $1::text), n.epoch, coalesce(o.epoch, 0),
       coalesce(encode(substr(sha256(n.checkpoint_key), 1, 8), 'hex'), ''),
       (SELECT count(*) FROM cpts.cpts c WHERE c.owner_node = n.name),
       (SELECT count(*) FROM cpts.referral r WHERE r.owner_node = n.name AND r.ended_at IS NULL),
       cpts.ownership_pending($1::text, n.name), n.suspended_reason,
       coalesce(cpts.unix_us(n.enrolled_at), 0), coalesce(cpts.unix_us(n.suspended_at), 0)
  FROM cpts.node n
  LEFT JOIN cpts.region_owner o ON o.node = n.name
 ORDER BY n.name
