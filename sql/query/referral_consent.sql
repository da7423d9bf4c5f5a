-- Records a consent, or its withdrawal.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 referral id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 version seen (int)  $8 cpts.v1.Consent (bytea; NULL: it is withdrawn)
-- Gives one row: as referral_submit.
SELECT a.outcome, a.referral_id, a.version, a.log_position, a.detail, a.status, a.state, a.overdue,
       a.party, a.disputed, a.parked_id
  FROM cpts.referral_consent($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea,
         $7::int, $8::bytea) a
