-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_statistics
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.unmet_demand(text, text, date, date, text);
DROP FUNCTION cpts.referral_figures(text, uuid, text, date, date, text);
COMMIT;
