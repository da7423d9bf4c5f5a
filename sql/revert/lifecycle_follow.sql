-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:lifecycle_follow
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.stage_follow(uuid, int, text, date, text, text, uuid[], text[], text[], date[],
  text[]);
DROP FUNCTION cpts.filing_close(uuid, int, text, date, text, text, text);
DROP FUNCTION cpts.clock_stop(uuid, int, text, date, text[], text);
DROP FUNCTION cpts.clock_start(uuid, int, text, date, uuid[], text[], text[], date[]);
DROP FUNCTION cpts.evidence_refusal(uuid, text, text, date, uuid[], text[]);
DROP FUNCTION cpts.stage_evidence(uuid, text, text, uuid[]);
DROP FUNCTION cpts.filing_of(uuid, text);
DROP FUNCTION cpts.kinds_missing(text[], text[]);
DROP FUNCTION cpts.document_kinds(uuid, uuid[]);
DROP FUNCTION cpts.documents_unknown(uuid, uuid[]);
COMMIT;
