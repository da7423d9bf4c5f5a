-- The enrolments that the caller could have made.
-- $1 after that id (uuid)  $2 at most (int)  $3 state ('' = all)
-- Gives: 0 id, 1 identity, 2 roles (text[]), 3 scope, 4 note, 5 state, 6 made by, 7 made at,
-- 8 expires at, 9 used at (microseconds, NULL = not), 10 serial of the certificate ('' = none),
-- 11 why it was revoked, 12 host:port of a node ('' for all others).
SELECT e.enrolment_id, e.principal, e.roles, e.scope, e.note, s.state, e.created_by,
       cpts.unix_us(e.created_at), cpts.unix_us(e.expires_at), cpts.unix_us(e.used_at),
       coalesce(e.certificate_serial, ''), e.revoked_reason, e.node_address
  FROM cpts.enrolment e
 CROSS JOIN LATERAL (SELECT cpts.enrolment_state(e.used_at, e.revoked_at, e.expires_at, now())
                              AS state) s
 WHERE e.enrolment_id > $1::uuid AND ($3::text = '' OR s.state = $3::text)
 ORDER BY e.enrolment_id
 LIMIT $2::int
