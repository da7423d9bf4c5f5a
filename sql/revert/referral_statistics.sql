-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_statistics
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.referral_release_record(text, date, date, int, boolean, timestamptz, text[],
  text[], text[], text[], text[]);
DROP TABLE cpts.referral_figure;
DROP TABLE cpts.referral_release;
DROP FUNCTION cpts.unmet_demand(date, date);
DROP FUNCTION cpts.referral_figures(text, uuid, text, date, date, text);
COMMIT;
