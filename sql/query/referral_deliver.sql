-- Delivers an assignment that the destination's node has stored: once.
-- $1 principal (text)   $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral_id (uuid) $5 this node (text)   $6 change bytes (bytea)
-- $7 assignment_id (uuid)
-- The step by party, arrays: $8 from states  $9 to states  $10 overdue levels (int[])
-- $11 custody  $12 clocks armed  $13 clocks stopped
-- Gives one row: OK, or NOTHING when it was delivered, or is over, meanwhile.
SELECT cpts.referral_deliver($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::uuid,
         $8::text[], $9::text[], $10::int[], $11::text[], $12::text[], $13::text[]) AS outcome
