-- Has parked aggregates fetched again from their owner.
-- $1 this node (text)  $2 parked_id (uuid, NULL = all of the peer)  $3 peer (text, with $2 NULL)
-- Gives rows: 0 parked_id (uuid), 1 peer (text); none: there is none, or it was rejected.
SELECT NULL::uuid AS parked_id, ''::text AS peer
 WHERE num_nulls($1::text, $2::uuid, $3::text) >= 0
   AND false
