-- Stores a chunk of a sealed attachment, which is compared with its hash once it is whole; and
-- the entry of the audit trail that says so. Sent again it changes nothing.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)   $5 referral_id (uuid)
-- $6 attachment_id (uuid)  $7 bytes in all (int)  $8 SHA-256 of the whole (bytea)
-- $9 chunks in all (int)   $10 chunk's number (int)  $11 chunk (bytea)  $12 attachments at most (int)
-- $13 attachments of the CPTS at most that are not whole (int)  $14 this node (text)
-- Gives: 0 OK or the reason why not, 1 chunks that are stored, 2 complete, 3 by whom it is owned
-- (NOT_OWNER).
WITH put AS MATERIALIZED (
  SELECT p.outcome, p.stored, p.complete, p.detail
    FROM cpts.attachment_put($5::uuid, $6::uuid, $7::int, $8::bytea, $9::int, $10::int, $11::bytea,
                             $12::int, $13::int, $14::text) p
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, referral_id, parts,
      item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'PutAttachmentChunk', $5::uuid, '',
           (p.outcome = 'OK')::int
      FROM put p
)
SELECT p.outcome, p.stored, p.complete, p.detail FROM put p
