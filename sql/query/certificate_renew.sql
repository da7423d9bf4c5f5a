-- A further certificate for the identity that calls.
-- $1 principal (text)      $2 command_id (uuid)     $3 content hash (bytea)
-- $4 id of the certificate in the log (uuid)        $5 this node (text)   $6 change bytes (bytea)
-- $7 serial (text)  $8 hash of the key (bytea)  $9 valid from  $10 until (timestamptz)
-- $11 certificate (PEM text)
-- Gives one row: outcome, id, version, log_position, detail, certificate, serial, until
-- (microseconds).
SELECT r.outcome, r.certificate_id, r.version, r.log_position, r.detail, r.pem, r.serial,
       cpts.unix_us(r.not_after)
  FROM (VALUES ($5::text)) said (node)
 CROSS JOIN cpts.certificate_renew($1::text, $2::uuid, $3::bytea, $4::uuid, $6::bytea, $7::text,
         $8::bytea, $9::timestamptz, $10::timestamptz, $11::text) r
