-- Every legal clock's rule.
-- Gives: 0 kind, 1 mission, 2 valid_from, 3 valid_to, 4 months.
SELECT c.kind, c.mission, c.valid_from, c.valid_to, c.months
  FROM cpts.clock_rule c
 ORDER BY c.kind, c.mission, c.valid_from
