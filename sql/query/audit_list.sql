-- A page of the audit trail, newest first; and the entry that says so.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)
-- $5 referral_id (uuid, NULL = all)  $6 CPTS (uuid, NULL = all)  $7 chain ('' = both)
-- $8 first day (date)  $9 last day (date)  $10 recorded up to (timestamptz)
-- $11 rows to leave out (int)  $12 rows at most, one more than the page has (int)
-- Gives one row at least: 0 recorded up to (microseconds), 1 the referral is the caller's to ask
-- about, or none was named, 2 chain (NULL = no entry), 3 position, 4 at (microseconds),
-- 5 principal, 6 RPPS, 7 profession, 8 function, 9 purpose, 10 method or kind, 11 referral_id,
-- 12 parts, 13 items, 14 version, 15 change in hexadecimal.
WITH known AS MATERIALIZED (
  SELECT least($10::timestamptz, clock_timestamp()) AS at,
         $5::uuid IS NULL OR EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = $5::uuid)
           AS is_seen
), page AS MATERIALIZED (
  SELECT e.chain, e.position, e.at, e.principal, e.rpps, e.profession, e.function, e.purpose,
         e.method, e.referral_id, e.parts, e.item_count, e.version, e.bytes
    FROM known k
   CROSS JOIN LATERAL cpts.audit_list($5::uuid, $6::uuid, $7::text, $8::date, $9::date, k.at,
                                      $11::int, $12::int) e
   WHERE k.is_seen
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
                               item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListAuditEntries', $5::uuid, '',
           least(count(*), $12::int - 1) FROM page
)
SELECT cpts.unix_us(k.at), k.is_seen,
       e.chain, e.position, cpts.unix_us(e.at), e.principal, e.rpps, e.profession, e.function,
       e.purpose, e.method, e.referral_id, e.parts, e.item_count, e.version, encode(e.bytes, 'hex')
  FROM known k
  LEFT JOIN page e ON true
 ORDER BY e.at DESC, e.chain, e.position DESC
