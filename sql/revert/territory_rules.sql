-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:territory_rules
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.claim_overlaps(uuid, date, date, text[]);
DROP FUNCTION cpts.merge_refusal(uuid, uuid, text, date);
DROP FUNCTION cpts.territory_share_excess(uuid, text, date, text[], double precision[]);
DROP FUNCTION cpts.stage_share_excess(uuid, text, date);
DROP FUNCTION cpts.share_excess(uuid, text, date, date, text[], double precision[]);
DROP FUNCTION cpts.share_excess_beside(uuid[], text, date, date, text[], double precision[]);
DROP FUNCTION cpts.validated_period(uuid);
DROP FUNCTION cpts.has_iris();
COMMIT;
