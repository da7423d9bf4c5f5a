-- Sets a parked aggregate aside for good: what is here counts. It stays among the rejected ones.
-- $1 this node (text)  $2 parked_id (uuid)  $3 why (text)  $4 who says so (text)
-- Gives one row: 0 outcome (text: OK, PARKED_NOT_FOUND, ALREADY_REJECTED), 1 peer (text).
SELECT r.outcome, r.peer FROM cpts.sync_parked_reject($2::uuid, $3::text, $4::text) r
 WHERE $1::text <> ''
