-- A peer below knows more of this node's own chain than there is, for this node came back from an
-- old backup; or gives back what it saw of it later than others. What is written from now on comes
-- after what the peer has, which is a run of which only the end is known until it is given back.
-- In a transaction that began with log_lock and log_begin. Again: changes nothing more.
-- $1 this node (text)  $2 the peer (text)  $3 the epoch that this node has from now on (int)
-- $4 origin position of this node's chain that the peer has (bigint)  $5 hash there (bytea)
-- Gives one row: 0 epoch (int), 1 origin position up to which both agree: what the peer had
-- acknowledged when the backup was made (bigint, 0 = nothing), 2 hash there (bytea, 32 zero bytes
-- at 0).
SELECT l.own_epoch AS epoch, l.agreed_position AS position, l.agreed_hash AS hash
  FROM cpts.sync_lost($1::text, $2::text, $3::int, $4::bigint, $5::bytea) l
