-- One chunk of a complete attachment; and the entry of the audit trail that says so.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)   $5 referral_id (uuid)
-- $6 attachment_id (uuid)  $7 chunk's number (int)
-- Gives: 0 OK or the reason why not, 1 bytes in all, 2 SHA-256 of the whole, 3 chunks in all,
-- 4 the chunk; bytes in hexadecimal.
WITH found AS MATERIALIZED (
  SELECT r.referral_id, r.erased, r.consent_withdrawn, r.custodian_id,
         cpts.part_in_referral(r.origin_id) AS part
    FROM cpts.referral r WHERE r.referral_id = $5::uuid
), piece AS MATERIALIZED (
  SELECT m.byte_count, m.sha256, m.chunk_count, c.chunk
    FROM cpts.referral_attachment m
    JOIN cpts.referral_chunk c
      ON c.referral_id = m.referral_id AND c.attachment_id = m.attachment_id
     AND c.chunk_index = $7::int
   WHERE m.referral_id = $5::uuid AND m.attachment_id = $6::uuid AND m.complete
), judged AS MATERIALIZED (
  SELECT coalesce(cpts.content_refusal(f.part, f.erased, f.consent_withdrawn,
                    f.part = 'ORIGIN' OR f.custodian_id = cpts.scope_cpts()),
                  CASE WHEN NOT EXISTS (SELECT FROM piece) THEN 'ATTACHMENT_NOT_FOUND' END,
                  'OK') AS outcome
    FROM (VALUES (1)) one
    LEFT JOIN found f ON true
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'GetAttachmentChunk', $5::uuid,
           CASE WHEN j.outcome = 'OK' THEN 'ATTACHMENT' ELSE '' END, (j.outcome = 'OK')::int
      FROM judged j
)
SELECT j.outcome, p.byte_count, encode(p.sha256, 'hex'), p.chunk_count, encode(p.chunk, 'hex')
  FROM judged j
  LEFT JOIN piece p ON j.outcome = 'OK'
