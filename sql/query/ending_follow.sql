-- Referrals of this node go on without a CPTS that ended at another one: once.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 bytes: none, each referral has an entry of its own
-- Gives one row: OK, or NOTHING when they did already, or the CPTS is live again.
SELECT cpts.ending_follow($1::text, $2::uuid, $3::bytea, $4::uuid) AS outcome
 WHERE $5::text <> '' AND $6::bytea IS NOT NULL
