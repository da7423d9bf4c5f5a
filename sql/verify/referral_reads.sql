-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_reads
BEGIN;
SELECT referral_id, attachment_id, author_id, byte_count, sha256, chunk_count, complete, logged,
       recorded_at
  FROM cpts.referral_attachment WHERE false;
SELECT referral_id, attachment_id, chunk_index, chunk FROM cpts.referral_chunk WHERE false;
SELECT 1 / (count(*) = 8)::int FROM cpts.recipient_word;
SELECT 1 / (count(*) = 2)::int FROM pg_class
  WHERE oid IN ('cpts.referral_attachment'::regclass, 'cpts.referral_chunk'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (count(*) = 6)::int FROM pg_class WHERE relnamespace = 'cpts'::regnamespace
   AND relname IN ('assignment_destination_id_assignment_id_idx', 'assignment_referral_id_idx', 'referral_origin_id_referral_id_idx',
                   'referral_origin_region_referral_id_idx', 'referral_ended_at_idx', 'referral_created_at_idx');
SELECT cpts.scope_cpts(), cpts.scope_region(),
       cpts.part_in_referral('00000000-0000-0000-0000-000000000000'),
       cpts.content_refusal('ORIGIN', false, false, true);
SELECT 1 / has_function_privilege('cpts_app',
  'cpts.leftover_purge(timestamptz, int, int, int)', 'EXECUTE')::int;
SELECT 1 / (count(*) = 3)::int FROM pg_proc
  WHERE oid IN ('cpts.attachment_is_elsewhere(uuid, uuid)'::regprocedure,
                'cpts.sealed_parts(uuid, boolean, boolean)'::regprocedure,
                'cpts.sealed_parts_erase(uuid)'::regprocedure)
    AND prosecdef;
SELECT 'cpts.worklist_rows(uuid)'::regprocedure;
ROLLBACK;
