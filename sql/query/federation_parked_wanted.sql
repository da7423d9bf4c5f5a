-- Parked aggregates of a peer whose whole image is to be fetched again.
-- $1 this node (text)  $2 the peer (text)
-- Gives rows, at most 256: 0 aggregate kind (text), 1 id (uuid). They go through federation_apply
-- with `repair`, which takes them out when they are stored.
SELECT ''::text AS aggregate_kind, NULL::uuid AS aggregate_id
 WHERE num_nulls($1::text, $2::text) >= 0
   AND false
