-- A page of the attempts with the caller's CPTS that are in one of some active states, by their id.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)
-- $5 id after which the page begins (uuid)  $6 rows at most, one more than the page has (int)
-- $7 use case (text, '' = all)
-- $8 states (text[])
-- Gives a row an attempt, or a referral without any that is active: 0 what the page goes by, then
-- the columns of a referral (enum referral_column) and of an attempt (enum attempt_column), and of
-- the clock that fires next 44 assignment_id, 45 kind, 46 instant (microseconds), 47 level.
WITH page AS MATERIALIZED (
  SELECT a.referral_id, a.assignment_id, a.destination_id, a.version, a.state, a.overdue,
         a.no_show_count, a.hop, a.reason, a.scheduled_for, a.submitted_at, a.state_at,
         a.entered_in_error, a.dispute_count, a.to_rewrap
    FROM cpts.assignment a
   WHERE a.destination_id = cpts.scope_cpts() AND a.ended_at IS NULL
     AND a.assignment_id > $5::uuid AND a.state = ANY ($8::text[])
     AND ($7::text = '' OR EXISTS (SELECT FROM cpts.referral u
            WHERE u.referral_id = a.referral_id AND u.use_case = $7::text))
   ORDER BY a.assignment_id LIMIT $6::int
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListReferrals/INBOX', '',
           least(count(*), $6::int - 1) FROM page
)
SELECT a.assignment_id,
       r.referral_id, r.version, r.status, r.use_case, r.urgency, r.profession, r.speciality,
       r.unit_code, r.origin_id, o.name, r.origin_region, r.custodian_id, r.unroutable,
       r.entered_in_error, r.consent_withdrawn, r.erased, r.synthetic, cpts.unix_us(r.created_at),
       cpts.unix_us(r.updated_at), r.reason, r.proposed_id, r.requester_finess, r.legal_basis,
       NULL, r.pathway_id, r.pathway_step, r.overdue, r.to_rewrap,
       a.assignment_id, a.destination_id,
       (SELECT d.name FROM cpts.cpts d WHERE d.cpts_id = cpts.scope_cpts()),
       a.version, a.state, a.overdue, a.no_show_count, a.hop, a.reason,
       cpts.unix_us(a.scheduled_for), cpts.unix_us(a.submitted_at), cpts.unix_us(a.state_at),
       a.entered_in_error, a.dispute_count, a.to_rewrap,
       nullif(k.assignment_id, '00000000-0000-0000-0000-000000000000'), k.kind,
       cpts.unix_us(k.fire_at), k.level
  FROM page a
  JOIN cpts.referral r ON r.referral_id = a.referral_id
  LEFT JOIN cpts.cpts o ON o.cpts_id = r.origin_id
  LEFT JOIN LATERAL (
    SELECT c.assignment_id, c.kind, c.fire_at, c.level
      FROM cpts.referral_clock c
     WHERE c.referral_id = a.referral_id AND c.assignment_id = a.assignment_id
     ORDER BY c.fire_at LIMIT 1) k ON true
 ORDER BY a.assignment_id
