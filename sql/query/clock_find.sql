-- Clocks of this node that are due and not raised, oldest first.
-- $1 this node (text)  $2 rows at most (int)
-- Gives: 0 clock_id, 1 cpts_id, 2 kind, 3 mission, 4 started on, 5 due on.
SELECT k.clock_id, k.cpts_id, k.kind, k.mission, k.valid_from, k.due_on
  FROM cpts.cpts_clock k
  JOIN cpts.cpts c ON c.cpts_id = k.cpts_id
 WHERE k.recorded_to = 'infinity' AND k.valid_to = 'infinity' AND k.raised_at = 'infinity'
   AND k.due_on <= (now() AT TIME ZONE 'Europe/Paris')::date
   AND c.owner_node = $1::text
 ORDER BY k.due_on, k.clock_id
 LIMIT $2::int
