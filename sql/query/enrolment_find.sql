-- Whose token that is.
-- $1 hash of the token (bytea)
-- Gives no row, or one: 0 enrolment_id, 1 identity, 2 state, 3 command that used it ('' = none),
-- 4 host:port of a node ('' for all others).
SELECT f.enrolment_id, f.principal, f.state, coalesce(f.used_command::text, ''), f.node_address
  FROM cpts.enrolment_find($1::bytea) f
