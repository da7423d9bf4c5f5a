-- Submits a referral.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 origin (uuid)  $8 use case  $9 urgency  $10 profession  $11 speciality  $12 commune
-- $13 FINESS of the requester  $14 legal basis (text)  $15 cpts.v1.Consent (bytea, NULL = none)
-- $16 pathway (uuid, NULL = none)  $17 its step (text)
-- $18 serial of the origin's key (int)  $19 signature  $20 offer  $21 content (bytea)
-- $22 SHA-256 of the offer  $23 SHA-256 of the content (bytea)
-- $24 ids of the attempts, $25 their CPTS (uuid[])  $26 their wraps (bytea[])
-- $27 how many of them are asked at once (int); the others are candidates
-- Gives one row: outcome, referral id, version, log_position, detail, status, state, overdue
-- level, party, disputed, parked id.
SELECT a.outcome, a.referral_id, a.version, a.log_position, a.detail, a.status, a.state, a.overdue,
       a.party, a.disputed, a.parked_id
  FROM cpts.referral_submit($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea,
         $7::uuid, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, $14::text,
         $15::bytea, $16::uuid, $17::text, $18::int, $19::bytea, $20::bytea, $21::bytea,
         $22::bytea, $23::bytea, $24::uuid[], $25::uuid[], $26::bytea[], $27::int) a
