-- Former unit codes and today's, for the server's copy of the reference.
-- Gives: 0 old code, 1 unit code.
SELECT o.old_code, o.unit_code
  FROM cpts.unit_old_code o
 ORDER BY o.old_code COLLATE "C"
