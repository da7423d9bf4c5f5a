-- Serial numbers of the revoked certificates, for the server's copy.
-- Gives: 0 serial; one row a certificate.
SELECT r.serial
  FROM cpts.certificate_revocation r
 ORDER BY r.serial
