-- Notes this node's own name and the key that it signs checkpoints with.
-- $1 this node (text)  $2 Ed25519 public key (bytea)
-- Gives one row: 0 true.
SELECT true AS is_known FROM (SELECT cpts.node_know_self($1::text, $2::bytea)) known
