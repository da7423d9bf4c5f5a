-- What this node has to do about owners, at most so many of each step.
-- $1 this node (text)  $2 rows of a step at most (int)  $3 releases after that local position only (bigint)
-- Gives: 0 step (HAND_OVER, TAKE, RELEASE, CONFIRM, DELIVER), 1 kind of aggregate, 2 its id ('' of a node), 3 epoch
-- seen (of HAND_OVER the node's), 4 the other node, 5 assignment ('' = none), 6 position of the release.
SELECT f.step, f.kind, coalesce(f.aggregate_id::text, ''), f.epoch, f.node,
       coalesce(f.assignment_id::text, ''), f.position
  FROM cpts.ownership_find($1::text, $2::int, $3::bigint) f
