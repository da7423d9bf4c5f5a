-- A page of the referrals from the caller's region that wait for their origin to choose again, by
-- their id: for its desk.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)
-- $5 id after which the page begins (uuid)  $6 rows at most, one more than the page has (int)
-- $7 use case (text, '' = all)
-- Gives a row an attempt, or a referral without any that is active: 0 what the page goes by, then
-- the columns of a referral (enum referral_column) and of an attempt (enum attempt_column), and of
-- the clock that fires next 44 assignment_id, 45 kind, 46 instant (microseconds), 47 level.
WITH page AS MATERIALIZED (
  SELECT r.referral_id
    FROM cpts.referral r
   WHERE r.origin_region = cpts.scope_region() AND r.status = 'TO_REASSIGN'
     AND r.referral_id > $5::uuid
     AND ($7::text = '' OR r.use_case = $7::text)
   ORDER BY r.referral_id LIMIT $6::int
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListReferrals/TO_REASSIGN', '',
           least(count(*), $6::int - 1) FROM page
)
SELECT p.referral_id, w.referral_id, w.version, w.status, w.use_case, w.urgency, w.profession,
       w.speciality, w.unit_code, w.origin_id, w.origin_name, w.origin_region, w.custodian_id,
       w.unroutable, w.entered_in_error, w.consent_withdrawn, w.erased, w.synthetic, w.created_us,
       w.updated_us, w.reason, w.proposed_id, w.requester_finess, w.legal_basis, w.consent,
       w.pathway_id, w.pathway_step, w.overdue, w.to_rewrap, w.assignment_id, w.destination_id,
       w.destination_name, w.attempt_version, w.state, w.attempt_overdue, w.no_show_count, w.hop,
       w.attempt_reason, w.scheduled_us, w.submitted_us, w.state_us, w.attempt_in_error,
       w.dispute_count, w.attempt_to_rewrap, w.clock_of, w.clock_kind, w.clock_us, w.clock_level
  FROM page p
 CROSS JOIN LATERAL cpts.worklist_rows(p.referral_id) w
 ORDER BY p.referral_id, w.submitted_us, w.assignment_id
