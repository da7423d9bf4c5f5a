-- Notes that the node above was told of revoked certificates.
-- $1 this node (text)  $2 serial numbers (text[])
-- Gives one row: 0 how many (bigint).
SELECT cpts.revocations_reported($2::text[]) AS reported_count
 WHERE $1::text <> ''
