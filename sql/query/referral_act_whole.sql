-- Takes a step of a referral itself: REASSIGN, ABANDON, WIDEN.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 version seen (int)  $8 step  $9 coded reason (text)
-- By party, from proto/wire/referral_step.c:
-- $10 statuses from which it is legal, between blanks (text[])  $11 overdue level needed (int[])
-- $12 ids of the new attempts, $13 their CPTS (uuid[])  $14 their wraps (bytea[])
-- $15 how many are asked at once (int); 0 with a CPTS: a proposal of the desk
-- $16 id to park it under (uuid, NULL = not from an outbox)  $17 cpts.v1.Actor (bytea)
-- $18 hashes the wraps were signed over (bytea)
-- Gives one row: as referral_submit.
SELECT a.outcome, a.referral_id, a.version, a.log_position, a.detail, a.status, a.state, a.overdue,
       a.party, a.disputed, a.parked_id
  FROM cpts.referral_act_whole($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea,
         $7::int, $8::text, $9::text, $10::text[], $11::int[], $12::uuid[], $13::uuid[],
         $14::bytea[], $15::int, $16::uuid, $17::bytea, $18::bytea) a
