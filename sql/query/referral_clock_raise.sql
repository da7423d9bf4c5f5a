-- Fires a clock of a referral: at least once by the server, with effect once.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral_id (uuid) $5 this node (text)  $6 change bytes (bytea)
-- $7 assignment_id (uuid, zeros: the referral's own clock)  $8 kind (text)
-- $9 its fire_at in microseconds (bigint)  $10 level reached (int)
-- $11 of WIDEN the id of the candidate that is next (uuid), else NULL
-- Gives one row: OK; NOTHING when it was fired, stopped or moved meanwhile, or nothing is to be told.
SELECT cpts.referral_clock_fire($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea,
         $7::uuid, $8::text, $9::bigint, $10::int, $11::uuid) AS outcome
