-- Keeps keys that were sealed again: of an attempt for its destination, or for the origin.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 assignment (uuid, NULL = for the origin)  $8 version seen (int): of the one or the other
-- $9 by party, from proto/wire/referral_step.c: states from which it is legal, between blanks (text[])
-- $10 CPTS it is sealed for (uuid)  $11 its wrap (bytea)  $12 hashes the wrap was signed over (bytea)
-- Gives one row: as referral_submit.
SELECT a.outcome, a.referral_id, a.version, a.log_position, a.detail, a.status, a.state, a.overdue,
       a.party, a.disputed, a.parked_id
  FROM cpts.referral_rewrap($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::uuid,
         $8::int, $9::text[], $10::uuid, $11::bytea, $12::bytea) a
