-- Roles in force today, for the server's snapshot of identities.
-- Gives: 0 principal, 1 role, 2 scope; one row a role.
SELECT p.principal, p.role, p.scope
  FROM cpts.principal_role p
 WHERE p.valid_from <= current_date AND p.valid_to > current_date
 ORDER BY p.principal COLLATE "C", p.role
