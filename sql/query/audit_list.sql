-- A page of the audit trail, newest first.
-- $1 referral_id (uuid, NULL = all)  $2 CPTS (uuid, NULL = all)  $3 chain ('' = both)
-- $4 first day (date)  $5 last day (date)  $6 recorded up to (timestamptz)
-- $7 rows to leave out (int)  $8 rows at most (int)
-- Gives one row at least: 0 recorded up to (microseconds), 1 the referral is the caller's to ask
-- about, or none was named, 2 chain (NULL = no entry), 3 position, 4 at (microseconds),
-- 5 principal, 6 RPPS, 7 profession, 8 function, 9 purpose, 10 method or kind, 11 referral_id,
-- 12 parts, 13 items, 14 version, 15 change in hexadecimal.
WITH known AS MATERIALIZED (
  SELECT least($6::timestamptz, clock_timestamp()) AS at
)
SELECT cpts.unix_us(known.at),
       $1::uuid IS NULL OR EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = $1::uuid),
       e.chain, e.position, cpts.unix_us(e.at), e.principal, e.rpps, e.profession, e.function,
       e.purpose, e.method, e.referral_id, e.parts, e.item_count, e.version, encode(e.bytes, 'hex')
  FROM known
  LEFT JOIN LATERAL cpts.audit_list($1::uuid, $2::uuid, $3::text, $4::date, $5::date, known.at,
                                    $7::int, $8::int) e ON true
