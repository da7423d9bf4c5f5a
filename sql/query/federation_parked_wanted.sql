-- Parked aggregates of a peer whose whole image is to be fetched again.
-- $1 this node (text)  $2 the peer (text)
-- Gives rows, at most 256: 0 aggregate kind (text), 1 id (uuid). They go through federation_apply
-- with `repair`, which takes them out when they are stored.
SELECT p.aggregate_kind, p.aggregate_id
  FROM cpts.parked_aggregate p
 WHERE p.peer = $2::text AND p.retry_wanted AND p.rejected_at IS NULL AND $1::text <> ''
 ORDER BY p.parked_at, p.parked_id LIMIT 256
