-- Lists the coded reasons of the steps of referrals.
-- $1 step (text; '' = all)
SELECT r.event, r.code, r.label, r.source, r.confidence, r.fixed
  FROM cpts.referral_reason r
 WHERE $1::text = '' OR r.event = $1::text
 ORDER BY r.event, r.rank, r.code
