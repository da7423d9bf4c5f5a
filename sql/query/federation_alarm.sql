-- Raises an alarm, or counts it when it is up already.
-- $1 this node (text)  $2 the peer (text)  $3 the alarm's word, for example CHAIN_BROKEN (text)
-- $4 aggregate (text, '' = none)  $5 detail (text)
-- Gives one row: 0 times (bigint).
SELECT cpts.sync_alarm($2::text, $3::text, $4::text, $5::text) AS times WHERE $1::text <> ''
