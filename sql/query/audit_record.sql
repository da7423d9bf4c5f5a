-- Records that a stream of referrals begins, for the audit trail.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)  $5 method (text)
INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
  VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, '', 0)
