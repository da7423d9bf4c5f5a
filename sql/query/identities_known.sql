-- Which set of identities this node was told, and which revocations it has to tell.
-- $1 this node (text)
-- Gives one row at least: 0 hash of the set (bytea, empty = none), 1 serial number (text, NULL in the
-- only row: there is none), 2 its identity (text), 3 why (text).
SELECT coalesce((SELECT s.hash FROM cpts.told_set s), '') AS hash, r.serial, r.principal, r.reason
  FROM (VALUES ($1::text)) one (node)
  LEFT JOIN (SELECT c.serial, c.principal, left(c.reason, 200) AS reason
               FROM cpts.certificate_revocation c
              WHERE c.told_by = '' AND c.reported_at IS NULL
              ORDER BY c.serial LIMIT 500) r ON one.node <> ''
