-- Referrals of this node whose time to be kept is over, the oldest first.
-- $1 this node (text)  $2 rows at most (int)  $3 years kept after the end (int)
-- Gives: 0 referral_id.
SELECT r.referral_id
  FROM cpts.referral r
 WHERE r.ended_at < now() - make_interval(years => $3::int) AND r.ended_at IS NOT NULL
   AND NOT r.erased AND r.owner_node = $1::text
 ORDER BY r.ended_at LIMIT $2::int
