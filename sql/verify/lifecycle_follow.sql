-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:lifecycle_follow
BEGIN;
SELECT 1 / (cpts.kinds_missing('{A,B,C}', '{B}') = 'A C')::int;
SELECT 1 / (count(*) = 10)::int FROM pg_proc
  WHERE oid IN ('cpts.documents_unknown(uuid, uuid[])'::regprocedure,
    'cpts.document_kinds(uuid, uuid[])'::regprocedure,
    'cpts.kinds_missing(text[], text[])'::regprocedure,
    'cpts.filing_of(uuid, text)'::regprocedure,
    'cpts.stage_evidence(uuid, text, text, uuid[])'::regprocedure,
    'cpts.evidence_refusal(uuid, text, text, date, uuid[], text[])'::regprocedure,
    'cpts.clock_start(uuid, int, text, date, uuid[], text[], text[], date[])'::regprocedure,
    'cpts.clock_stop(uuid, int, text, date, text[], text)'::regprocedure,
    'cpts.filing_close(uuid, int, text, date, text, text, text)'::regprocedure,
    'cpts.stage_follow(uuid, int, text, date, text, text, uuid[], text[], text[], date[], text[])'::regprocedure);
ROLLBACK;
