-- Has parked aggregates fetched again from their owner.
-- $1 this node (text)  $2 parked_id (uuid, NULL = all of the peer)  $3 peer (text, with $2 NULL)
-- Gives rows: 0 parked_id (uuid), 1 peer (text); none: there is none, or it was rejected.
SELECT r.parked_id, r.peer FROM cpts.sync_parked_retry($2::uuid, $3::text) r
 WHERE $1::text <> ''
