-- What this node lost is back: it takes commands again, with a new epoch.
-- $1 this node (text)  $2 the peer (text)  $3 the new epoch (int, at least the old one + 1)
-- Gives one row: 0 epoch (int).
SELECT cpts.sync_restore_end($1::text, $2::text, $3::int) AS epoch
