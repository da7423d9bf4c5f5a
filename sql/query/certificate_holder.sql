-- How the node stands that asks for another certificate.
-- $1 the node (text, '' = it is none)
-- Gives one row: 0 status (text, as cpts.node.status; '' = no node), 1 host:port at which it answers
-- (text, '' = nowhere).
SELECT coalesce(n.status, '') AS status, coalesce(n.address, '') AS address
  FROM (VALUES ($1::text)) asked (node)
  LEFT JOIN cpts.node n ON n.name = asked.node
