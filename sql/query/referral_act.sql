-- Takes a step of an assignment, also a redirect and what a node delivers.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 assignment (uuid)  $8 version seen (int)  $9 step  $10 coded reason (text)
-- $11 when care is planned (timestamptz, NULL = not said)
-- $12 note id (uuid, NULL = none)  $13 note (bytea)
-- By party (1 origin, 2 destination, 3 server, 4 desk), from proto/wire/referral_step.c:
-- $14 states from which the step is legal, between blanks  $15 state entered (text[])
-- $16 overdue level needed (int[])  $17 custody  $18 clock armed  $19 clocks stopped (text[])
-- $20 times it may be taken (int, 0 = any number)
-- $21 node that delivers ('' = no node acts)
-- $22 id to park it under (uuid, NULL = not from an outbox)  $23 cpts.v1.Actor (bytea)
-- $24 CPTS it goes to next, $25 id of that attempt (uuid, NULL)  $26 its wrap (bytea, NULL)
-- $27 CPTS that can open the note (uuid[])  $28 hashes the wrap was signed over (bytea)
-- Gives one row: as referral_submit.
SELECT a.outcome, a.referral_id, a.version, a.log_position, a.detail, a.status, a.state, a.overdue,
       a.party, a.disputed, a.parked_id
  FROM cpts.referral_act($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::uuid,
         $8::int, $9::text, $10::text, $11::timestamptz, $12::uuid, $13::bytea, $14::text[],
         $15::text[], $16::int[], $17::text[], $18::text[], $19::text[], $20::int, $21::text,
         $22::uuid, $23::bytea, $24::uuid, $25::uuid, $26::bytea, $27::uuid[], $28::bytea) a
