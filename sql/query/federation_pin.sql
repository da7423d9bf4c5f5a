-- Pins what enrolment told of the node above, at each start of the server.
-- $1 this node (text)  $2 the node above (text)  $3 host:port at which it is dialled (text)
-- $4 its epoch (int)  $5 its checkpoint key (bytea)  $6 SHA-256 of its authority (bytea)
-- $7 epoch of this node (int); 0 and empty: nothing was told
-- Gives one row: 0 what was refused because something else is pinned (text, '' = nothing),
-- 1 the authority in force (bytea, empty = none).
SELECT p.refused, p.authority
  FROM cpts.node_pin($1::text, $2::text, $3::text, $4::int, $5::bytea, $6::bytea, $7::int) p
 WHERE $1::text <> ''
