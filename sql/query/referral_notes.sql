-- A page of the sealed notes of a referral that the caller may have, by id; and the entry of the
-- audit trail that says so.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)   $5 referral_id (uuid)
-- $6 id after which the page begins (uuid)  $7 rows at most, one more than the page has (int)
-- Gives one row at least: 0 OK or the reason why not, 1 note_id (NULL = none), 2 the note in
-- hexadecimal, 3 assignment_id, 4 event, 5 recorded at (microseconds).
WITH found AS MATERIALIZED (
  SELECT r.referral_id, r.erased, r.consent_withdrawn, r.custodian_id,
         cpts.part_in_referral(r.origin_id) AS part
    FROM cpts.referral r WHERE r.referral_id = $5::uuid
), attempt AS MATERIALIZED (
  SELECT a.assignment_id, a.ended_at
    FROM found f
    JOIN cpts.assignment a ON a.referral_id = f.referral_id
   WHERE f.part = 'DESTINATION' AND a.destination_id = cpts.scope_cpts()
), judged AS MATERIALIZED (
  SELECT coalesce(cpts.content_refusal(f.part, f.erased, f.consent_withdrawn, f.part = 'ORIGIN'
           OR EXISTS (SELECT FROM attempt a WHERE a.ended_at IS NULL)), 'OK') AS outcome, f.part
    FROM (VALUES (1)) one
    LEFT JOIN found f ON true
), page AS MATERIALIZED (
  SELECT n.note_id, n.note, n.assignment_id, n.event, n.recorded_at
    FROM judged j
    JOIN cpts.referral_note n ON n.referral_id = $5::uuid
   WHERE j.outcome = 'OK' AND n.note_id > $6::uuid
     AND (j.part = 'ORIGIN' OR n.assignment_id IN (
            SELECT a.assignment_id FROM attempt a WHERE a.ended_at IS NULL))
   ORDER BY n.note_id LIMIT $7::int
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListReferralNotes', $5::uuid,
           CASE WHEN j.outcome = 'OK' THEN 'NOTES' ELSE '' END,
           (SELECT least(count(*), $7::int - 1) FROM page)
      FROM judged j
)
SELECT j.outcome, p.note_id, encode(p.note, 'hex'), p.assignment_id, p.event,
       cpts.unix_us(p.recorded_at)
  FROM judged j
  LEFT JOIN page p ON true
 ORDER BY p.note_id
