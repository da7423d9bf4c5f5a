-- Takes note of the epoch with which a peer came, when it is a later one.
-- $1 this node (text)  $2 the peer (text)  $3 its epoch (int)
-- Gives one row: 0 its epoch as it is known now (int).
SELECT cpts.sync_epoch($2::text, $3::int) AS epoch
 WHERE $1::text <> ''
