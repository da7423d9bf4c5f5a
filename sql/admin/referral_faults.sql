-- SPDX-License-Identifier: Apache-2.0
-- Lists what must never be true of referrals: nothing when all is well, else exit status 3. What each
-- fault means: \df+ cpts.referral_faults. Reads the whole log of referrals.
--   psql -f referral_faults.sql
\set ON_ERROR_STOP on
SELECT f.fault, f.referral_id, f.detail
  FROM cpts.referral_faults() f
 ORDER BY f.fault, f.referral_id;
SELECT 1 / (count(*) = 0)::int AS all_is_well FROM cpts.referral_faults();
