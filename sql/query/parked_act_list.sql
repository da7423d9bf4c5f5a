-- Lists acts that came too late, oldest first; and the entry of the audit trail that says so.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)
-- $5 also those that were resolved (boolean)  $6 after that one (uuid, NULL = from the first)
-- $7 rows at most, one more than the page has (int)
WITH page AS MATERIALIZED (
  SELECT p.parked_id, p.command_id, p.referral_id, p.assignment_id, p.event, p.refusal,
         p.expected_version, p.found_version, p.found_state, p.found_status, p.reason,
         p.parked_at, p.actor, p.resolution, p.resolved_at
    FROM cpts.parked_act p
   WHERE ($5::boolean OR p.resolution = '') AND ($6::uuid IS NULL OR p.parked_id > $6::uuid)
     AND p.scope = current_setting('app.scope', true)
   ORDER BY p.parked_id LIMIT $7::int
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListParkedActs', '',
           least(count(*), $7::int - 1) FROM page
)
SELECT p.parked_id, p.command_id, p.referral_id, p.assignment_id, p.event, p.refusal,
       p.expected_version, p.found_version, p.found_state, p.found_status, p.reason,
       cpts.unix_us(p.parked_at), encode(p.actor, 'hex'), p.resolution, cpts.unix_us(p.resolved_at)
  FROM page p
 ORDER BY p.parked_id
