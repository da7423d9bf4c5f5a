-- Stores a chunk of a sealed attachment, which is compared with its hash once it is whole; and
-- the entry of the audit trail that says so. Sent again it changes nothing.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)   $5 referral_id (uuid)
-- $6 attachment_id (uuid)  $7 bytes in all (int)  $8 SHA-256 of the whole (bytea)
-- $9 chunks in all (int)   $10 chunk's number (int)  $11 chunk (bytea)  $12 attachments at most (int)
-- Waits for whoever changes the referral: what is erased takes no chunk.
-- Gives: 0 OK or the reason why not, 1 chunks that are stored, 2 complete.
WITH found AS MATERIALIZED (
  SELECT r.referral_id, r.erased, r.consent_withdrawn, r.custodian_id,
         cpts.part_in_referral(r.origin_id) AS part
    FROM cpts.referral r WHERE r.referral_id = $5::uuid
     FOR SHARE
), known AS MATERIALIZED (
  SELECT m.attachment_id, m.author_id, m.byte_count, m.sha256, m.chunk_count, m.complete
    FROM cpts.referral_attachment m
   WHERE m.referral_id = $5::uuid AND m.attachment_id = $6::uuid
), judged AS MATERIALIZED (
  SELECT coalesce(
           cpts.content_refusal(f.part, f.erased, f.consent_withdrawn,
             f.part = 'ORIGIN' OR f.custodian_id = cpts.scope_cpts()),
           CASE WHEN k.attachment_id IS NULL AND (SELECT count(*) FROM cpts.referral_attachment m
                       WHERE m.referral_id = $5::uuid) >= $12::int THEN 'TOO_MANY_ATTACHMENTS'
                WHEN k.attachment_id IS NOT NULL
                     AND (k.byte_count, k.sha256, k.chunk_count, k.author_id)
                         <> ($7::int, $8::bytea, $9::int, cpts.scope_cpts())
                THEN 'ATTACHMENT_DIFFERS' END, 'OK') AS outcome,
         k.attachment_id IS NULL AS is_new, coalesce(k.complete, false) AS was_complete
    FROM (VALUES (1)) one
    LEFT JOIN found f ON true
    LEFT JOIN known k ON true
), other AS MATERIALIZED (
  SELECT c.chunk_index, c.chunk
    FROM judged j
    JOIN cpts.referral_chunk c ON c.referral_id = $5::uuid AND c.attachment_id = $6::uuid
   WHERE j.outcome = 'OK' AND c.chunk_index <> $10::int
), whole AS MATERIALIZED (
  SELECT (SELECT count(*) FROM other)::int + 1 AS stored,
         CASE WHEN j.was_complete THEN true
              WHEN (SELECT count(*) FROM other) + 1 = $9::int
              THEN sha256((SELECT string_agg(p.chunk, ''::bytea ORDER BY p.chunk_index)
                             FROM (SELECT o.chunk_index, o.chunk FROM other o
                                   UNION ALL SELECT $10::int, $11::bytea) p)) = $8::bytea END AS fits
    FROM judged j WHERE j.outcome = 'OK'
), said AS MATERIALIZED (
  SELECT CASE WHEN w.fits = false THEN 'ATTACHMENT_HASH_MISMATCH' ELSE j.outcome END AS outcome,
         j.is_new, j.was_complete, w.stored, coalesce(w.fits, false) AS complete
    FROM judged j
    LEFT JOIN whole w ON true
), ins AS (
  INSERT INTO cpts.referral_attachment (referral_id, attachment_id, author_id, byte_count, sha256,
      chunk_count, complete, recorded_at)
    SELECT $5::uuid, $6::uuid, cpts.scope_cpts(), $7::int, $8::bytea, $9::int, s.complete,
           clock_timestamp()
      FROM said s WHERE s.outcome = 'OK' AND s.is_new
    ON CONFLICT DO NOTHING
), upd AS (
  UPDATE cpts.referral_attachment m SET complete = true
    FROM said s
   WHERE s.outcome = 'OK' AND s.complete AND NOT s.is_new AND NOT s.was_complete
     AND m.referral_id = $5::uuid AND m.attachment_id = $6::uuid
), put AS (
  INSERT INTO cpts.referral_chunk (referral_id, attachment_id, chunk_index, chunk)
    SELECT $5::uuid, $6::uuid, $10::int, $11::bytea
      FROM said s WHERE s.outcome = 'OK' AND NOT s.was_complete
    ON CONFLICT DO NOTHING
), gone AS (
  DELETE FROM cpts.referral_attachment m USING said s
   WHERE s.outcome = 'ATTACHMENT_HASH_MISMATCH' AND m.referral_id = $5::uuid
     AND m.attachment_id = $6::uuid
), gone_chunks AS (
  DELETE FROM cpts.referral_chunk c USING said s
   WHERE s.outcome = 'ATTACHMENT_HASH_MISMATCH' AND c.referral_id = $5::uuid
     AND c.attachment_id = $6::uuid
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'PutAttachmentChunk', $5::uuid, '',
           (s.outcome = 'OK')::int
      FROM said s
)
SELECT s.outcome, CASE WHEN s.was_complete THEN $9::int ELSE s.stored END, s.complete FROM said s
