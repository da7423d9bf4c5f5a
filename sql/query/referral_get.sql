-- One referral as the caller may see it, with the sealed parts that it asks for and may have; and
-- the entry of the audit trail that says so. A destination whose attempt has ended otherwise than
-- closed sees that attempt, and whether the referral is open or how it ended: the rest is NULL.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)      $5 referral_id (uuid)
-- $6 wants the offer (boolean)  $7 wants the content (boolean)
-- Gives one row at least: 0 OK or the reason why not, then the columns of a referral (enum
-- referral_column) and of one of its attempts (enum attempt_column), a row for each that the
-- caller may see; in the first row 44..47 its armed clocks (uuid[], text[], microseconds[],
-- int[]), 48 key serial, 49 signature, 50 and 51 hashes of offer and content, 52 offer,
-- 53 content, 54 the caller's wrap, 55..58 attachments (uuid[], int[], text[], int[]), 59 the CPTS
-- that signed when it is not the origin any more, 60 the consent recorded later, 61 when the wrap
-- was made, if not with the attempt (microseconds); bytes in hexadecimal.
WITH mine AS MATERIALIZED (
  SELECT r.referral_id, r.use_case, r.urgency, r.origin_id, r.erased, r.synthetic, r.created_at,
         CASE WHEN r.ended_at IS NULL THEN 'OPEN' ELSE r.status END AS status, p.part,
         p.part <> 'DESTINATION' OR EXISTS (
           SELECT FROM cpts.assignment a
            WHERE a.referral_id = r.referral_id AND a.destination_id = cpts.scope_cpts()
              AND (a.ended_at IS NULL OR a.state = 'CLOSED')) AS is_live
    FROM cpts.referral r
   CROSS JOIN LATERAL (SELECT cpts.part_in_referral(r.origin_id) AS part) p
   WHERE r.referral_id = $5::uuid
), found AS MATERIALIZED (
  SELECT m.referral_id, r.version, coalesce(r.status, m.status) AS status, m.use_case, m.urgency,
         r.profession, r.speciality, r.unit_code, m.origin_id, r.origin_region, r.custodian_id,
         r.unroutable, r.entered_in_error,
         coalesce(r.consent_withdrawn, false) AS consent_withdrawn,
         m.erased, m.synthetic, m.created_at, r.updated_at, r.reason, r.proposed_id,
         r.requester_finess, r.legal_basis, r.pathway_id, r.pathway_step, r.overdue, r.consent,
         r.key_serial, r.signature, r.offer_hash, r.content_hash, r.signer_id, r.later_consent,
         r.wrap, r.wrapped_at, coalesce(r.to_rewrap AND r.ended_at IS NULL, false) AS to_rewrap, m.part
    FROM mine m
    LEFT JOIN cpts.referral r ON r.referral_id = m.referral_id AND m.is_live
), attempt AS MATERIALIZED (
  SELECT a.referral_id, a.assignment_id, a.destination_id, a.version, a.state, a.overdue,
         a.no_show_count, a.hop, a.reason, a.scheduled_for, a.submitted_at, a.state_at,
         a.entered_in_error, a.dispute_count, a.ended_at, a.wrap, a.wrapped_at,
         a.to_rewrap AND a.ended_at IS NULL AS to_rewrap
    FROM found f
    JOIN cpts.assignment a ON a.referral_id = f.referral_id
   WHERE f.part <> 'DESTINATION' OR a.destination_id = cpts.scope_cpts()
), judged AS MATERIALIZED (
  SELECT o.found, CASE WHEN NOT o.found THEN 'REFERRAL_NOT_FOUND' ELSE coalesce(
           CASE WHEN $6::boolean THEN cpts.content_refusal(f.part, f.erased, f.consent_withdrawn,
             f.part = 'ORIGIN' OR EXISTS (SELECT FROM attempt a WHERE a.ended_at IS NULL)) END,
           CASE WHEN $7::boolean THEN cpts.content_refusal(f.part, f.erased, f.consent_withdrawn,
             f.part = 'ORIGIN' OR f.custodian_id = cpts.scope_cpts()) END, 'OK') END AS outcome,
         NOT f.erased AND NOT f.consent_withdrawn
           AND (f.part = 'ORIGIN' OR f.custodian_id = cpts.scope_cpts()) AS may_open
    FROM (SELECT EXISTS (SELECT FROM found) AS found) o
    LEFT JOIN found f ON true
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'GetReferral', $5::uuid,
           CASE WHEN j.outcome = 'OK' THEN concat_ws(',', CASE WHEN $6::boolean THEN 'OFFER' END,
             CASE WHEN $7::boolean THEN 'CONTENT' END) ELSE '' END,
           (j.outcome = 'OK')::int
      FROM judged j
), shown AS (
  SELECT f.referral_id, f.version, f.status, f.use_case, f.urgency, f.profession, f.speciality,
         f.unit_code, f.origin_id, f.origin_region, f.custodian_id, f.unroutable, f.entered_in_error,
         f.consent_withdrawn, f.erased, f.synthetic, f.created_at, f.updated_at, f.reason,
         f.proposed_id, f.requester_finess, f.legal_basis, f.pathway_id, f.pathway_step, f.overdue,
         f.consent, f.key_serial, f.signature, f.offer_hash, f.content_hash, f.signer_id, f.part,
         f.later_consent, f.to_rewrap,
         j.may_open, a.assignment_id, a.destination_id, a.version AS attempt_version, a.state,
         a.overdue AS attempt_overdue, a.no_show_count, a.hop, a.reason AS attempt_reason,
         a.scheduled_for, a.submitted_at, a.state_at, a.entered_in_error AS attempt_in_error,
         a.dispute_count, coalesce(a.to_rewrap, false) AS attempt_to_rewrap,
         CASE f.part WHEN 'ORIGIN' THEN f.wrap ELSE a.wrap END AS wrap,
         CASE f.part WHEN 'ORIGIN' THEN f.wrapped_at ELSE a.wrapped_at END AS wrapped_at,
         row_number() OVER (ORDER BY a.submitted_at, a.assignment_id) = 1 AS is_first
    FROM judged j
    JOIN found f ON j.outcome = 'OK'
    LEFT JOIN attempt a ON true
)
SELECT j.outcome, s.referral_id, s.version, s.status, s.use_case, s.urgency, s.profession,
       s.speciality, s.unit_code, s.origin_id, o.name, s.origin_region, s.custodian_id,
       s.unroutable, s.entered_in_error, s.consent_withdrawn, s.erased, s.synthetic,
       cpts.unix_us(s.created_at), cpts.unix_us(coalesce(s.updated_at, s.state_at)), s.reason,
       s.proposed_id,
       s.requester_finess, s.legal_basis, encode(s.consent, 'hex'), s.pathway_id, s.pathway_step,
       s.overdue, s.to_rewrap,
       s.assignment_id, s.destination_id, d.name, s.attempt_version, s.state, s.attempt_overdue,
       s.no_show_count, s.hop, s.attempt_reason, cpts.unix_us(s.scheduled_for),
       cpts.unix_us(s.submitted_at), cpts.unix_us(s.state_at), s.attempt_in_error,
       s.dispute_count, s.attempt_to_rewrap,
       c.assignment_ids, c.kinds, c.instants, c.levels, s.key_serial, encode(s.signature, 'hex'),
       encode(s.offer_hash, 'hex'), encode(s.content_hash, 'hex'),
       encode(p.offer, 'hex'), encode(p.content, 'hex'),
       CASE WHEN $6::boolean OR $7::boolean THEN encode(s.wrap, 'hex') END,
       t.attachment_ids, t.byte_counts, t.hashes, t.chunk_counts, s.signer_id,
       encode(s.later_consent, 'hex'), cpts.unix_us(s.wrapped_at)
  FROM judged j
  LEFT JOIN shown s ON true
  LEFT JOIN cpts.cpts o ON o.cpts_id = s.origin_id
  LEFT JOIN cpts.cpts d ON d.cpts_id = s.destination_id
  LEFT JOIN LATERAL (
    SELECT c.offer, c.content
      FROM cpts.sealed_parts(s.referral_id, $6::boolean, $7::boolean) c
     WHERE s.is_first AND ($6::boolean OR $7::boolean)
  ) p ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(nullif(k.assignment_id, '00000000-0000-0000-0000-000000000000')
                     ORDER BY k.fire_at, k.kind) AS assignment_ids,
           array_agg(k.kind::text ORDER BY k.fire_at, k.kind) AS kinds,
           array_agg(cpts.unix_us(k.fire_at) ORDER BY k.fire_at, k.kind) AS instants,
           array_agg(k.level::int ORDER BY k.fire_at, k.kind) AS levels
      FROM cpts.referral_clock k
     WHERE s.is_first AND k.referral_id = s.referral_id
       AND (s.part <> 'DESTINATION' OR k.assignment_id IN (SELECT a.assignment_id FROM attempt a))
  ) c ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(m.attachment_id ORDER BY m.attachment_id) AS attachment_ids,
           array_agg(m.byte_count ORDER BY m.attachment_id) AS byte_counts,
           array_agg(encode(m.sha256, 'hex') ORDER BY m.attachment_id) AS hashes,
           array_agg(m.chunk_count ORDER BY m.attachment_id) AS chunk_counts
      FROM cpts.referral_attachment m
     WHERE s.is_first AND s.may_open AND m.referral_id = s.referral_id AND m.complete
  ) t ON true
 ORDER BY s.submitted_at, s.assignment_id
