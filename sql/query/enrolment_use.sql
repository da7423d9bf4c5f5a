-- Uses a token: roles and a certificate for the identity that it names.
-- $1 identity (text)       $2 command_id (uuid)     $3 content hash (bytea)
-- $4 enrolment_id (uuid)   $5 this node (text)      $6 change bytes (bytea)
-- $7 hash of the token (bytea)
-- $8 serial (text)  $9 hash of the key (bytea)  $10 valid from  $11 until (timestamptz)
-- $12 certificate (PEM text)  $13 checkpoint key of a node (bytea, empty for all others)
-- The identity and the enrolment are the token's, whatever $1 and $4 say.
-- Gives one row: outcome, enrolment_id, version, log_position, detail, certificate, serial, until (microseconds),
-- epoch of a node (0 for all others).
SELECT u.outcome, u.enrolment_id, u.version, u.log_position, u.detail, u.pem, u.serial,
       cpts.unix_us(u.not_after), coalesce(u.node_epoch, 0)
  FROM (VALUES ($1::text, $4::uuid, $5::text)) said (identity, enrolment_id, node)
 CROSS JOIN cpts.enrolment_use($7::bytea, $2::uuid, $3::bytea, $6::bytea, $8::text, $9::bytea,
         $10::timestamptz, $11::timestamptz, $12::text, $13::bytea) u
