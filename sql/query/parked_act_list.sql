-- Lists acts that came too late, oldest first.
-- $1 also those that were resolved (boolean)  $2 after that one (uuid, NULL = from the first)
-- $3 rows at most (int)
SELECT p.parked_id, p.command_id, p.referral_id, p.assignment_id, p.event, p.refusal,
       p.expected_version, p.found_version, p.found_state, p.found_status, p.reason,
       cpts.unix_us(p.parked_at), encode(p.actor, 'hex'), p.resolution, cpts.unix_us(p.resolved_at)
  FROM cpts.parked_act p
 WHERE ($1::boolean OR p.resolution = '') AND ($2::uuid IS NULL OR p.parked_id > $2::uuid)
   AND p.scope = current_setting('app.scope', true)
 ORDER BY p.parked_id LIMIT $3::int
