-- Roles in force today, for the server's snapshot of identities: those given here, and of whoever
-- has none here those that the node above told.
-- Gives: 0 principal, 1 role, 2 scope; one row a role.
WITH own AS (
  SELECT p.principal, p.role, p.scope
    FROM cpts.principal_role p
   WHERE p.valid_from <= current_date AND p.valid_to > current_date
)
SELECT r.principal, r.role, r.scope
  FROM (SELECT o.principal, o.role, o.scope FROM own o
         UNION ALL
        SELECT t.principal, t.role, t.scope
          FROM cpts.told_role t
         WHERE t.valid_from <= current_date AND t.valid_to > current_date
           AND NOT EXISTS (SELECT FROM own o WHERE o.principal = t.principal)) r
 ORDER BY r.principal COLLATE "C", r.role
