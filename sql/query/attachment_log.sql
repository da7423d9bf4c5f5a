-- Says in the log that an attachment is complete: at least once by the server, with effect once.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 attachment (uuid)  $5 this node (text)  $6 change bytes (bytea)  $7 referral (uuid)
-- Gives one row: OK, or NOTHING when it is so already, or not to be any more.
SELECT cpts.attachment_log($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea,
         $7::uuid) AS outcome
