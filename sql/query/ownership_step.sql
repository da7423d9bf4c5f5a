-- Does one step about owners: at least once by the server, with effect once.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 aggregate (uuid)  $5 this node (text)   $6 change bytes (bytea)
-- $7 step (text: HAND_OVER, TAKE, RELEASE, CONFIRM)  $8 kind of aggregate (text)
-- $9 epoch seen (int)  $10 the other node (text)
-- Gives one row: OK, or NOTHING when it is so already, or not to be any more.
SELECT cpts.ownership_step($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::text,
         $8::text, $9::int, $10::text) AS outcome
