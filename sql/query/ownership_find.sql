-- What this node has to do about owners, at most so many of each step.
-- $1 this node (text)  $2 rows of a step at most (int)  $3 releases after that local position only (bigint)
-- Gives: 0 step (HAND_OVER, TAKE, RELEASE, CONFIRM, DELIVER, ATTACH, FOLLOW), 1 kind of aggregate, 2 its id ('' of a
-- node), 3 epoch seen (of HAND_OVER the node's), 4 the other node, 5 of DELIVER the assignment, of ATTACH
-- the referral ('' = none), 6 position of the release, 7 of ATTACH the hash (hexadecimal).
SELECT f.step, f.kind, coalesce(f.aggregate_id::text, ''), f.epoch, f.node,
       coalesce(f.other_id::text, ''), f.position, f.sha256
  FROM cpts.ownership_find($1::text, $2::int, $3::bigint) f
