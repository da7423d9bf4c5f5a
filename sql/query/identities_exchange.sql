-- Who of a region may call at its node, and what it tells of revoked certificates.
-- $1 the region's node (text)  $2 hash of the set that it has (bytea, empty = none)
-- $3 serial numbers (text[])  $4 their identities (text[])  $5 why (text[]): revoked there
-- $6 most roles and revocations that are told (int)
-- Gives rows of one shape: 0 what (text): H, once and first; R role; C revoked certificate,
--   1 principal (text): R, C  2 word (text): H OK, UNCHANGED, NODE_UNKNOWN, NODE_SUSPENDED or
--   MESSAGE_TOO_LARGE; R the role; C the serial number  3 detail (text): R scope; C why
--   4 valid from (text, YYYY-MM-DD): R  5 valid until (text, '' = for ever): R
--   6 hash of the set (hexadecimal): H  7 count (bigint): H revocations that were refused.
SELECT t.what, t.principal, t.word, t.detail, t.valid_from, t.valid_to,
       coalesce(encode(t.hash, 'hex'), ''), t.count
  FROM cpts.identities_exchange($1::text, $2::bytea, $3::text[], $4::text[], $5::text[],
         $6::int) t
