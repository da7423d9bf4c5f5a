-- Keeps a signed point of a chain, that of a peer (verified by the caller) or this node's own.
-- $1 this node (text)  $2 node of the chain (text)  $3 origin position (bigint)  $4 hash (bytea)
-- $5 signed at (bigint, microseconds)  $6 signature (bytea)  $7 key id (bytea)
-- Gives one row: 0 agrees with the chain as it is stored here (boolean; true also where that entry
-- is not stored). What does not agree is kept too.
SELECT cpts.sync_checkpoint_keep($2::text, $3::bigint, $4::bytea, $5::bigint, $6::bytea,
                                 $7::bytea) AS agrees
 WHERE $1::text <> ''
