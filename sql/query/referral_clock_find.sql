-- Clocks of referrals of this node that are due, or will be within half a second, the earliest
-- first: what the server fires, and when it looks again.
-- $1 this node (text)  $2 rows at most (int)
-- Due is what cpts.log_now() will have passed: never before an entry of the log, even while the
-- clock of the machine is set back. How far is looked is a value before the clocks are asked for: a
-- sum beside their column would be asked after the policy of the table only, hence of each clock.
-- Gives: 0 referral_id, 1 assignment_id (zeros: the referral's own), 2 kind, 3 times fired,
-- 4 fire_at in microseconds, 5 microseconds until then (0 and less: due),
-- of WIDEN the candidate that is next: 6 assignment_id, 7 cpts_id, 8 SHA-256 of its wrap (hexadecimal); NULLs
-- when there is none.
SELECT k.referral_id, k.assignment_id, k.kind, k.level, cpts.unix_us(k.fire_at),
       cpts.unix_us(k.fire_at) - cpts.unix_us(n.until) + 500000, c.assignment_id,
       c.destination_id, encode(sha256(c.wrap), 'hex')
  FROM (SELECT greatest(clock_timestamp(), cpts.log_instant()) + interval '500 milliseconds'
                 AS until) n
 CROSS JOIN LATERAL (SELECT k.referral_id, k.assignment_id, k.kind, k.level, k.fire_at
                       FROM cpts.referral_clock k
                       JOIN cpts.referral r ON r.referral_id = k.referral_id
                      WHERE k.fire_at <= n.until
                        AND r.owner_node = $1::text
                      ORDER BY k.fire_at, k.referral_id, k.assignment_id, k.kind
                      LIMIT $2::int) k
  LEFT JOIN LATERAL cpts.referral_candidate_next(cpts.referral_fact_find(
                      CASE k.kind WHEN 'WIDEN' THEN k.referral_id END, NULL)) c ON true
 ORDER BY k.fire_at, k.referral_id, k.assignment_id, k.kind
