-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:governance
BEGIN;
SELECT code, rank, label FROM cpts.member_group WHERE false;
SELECT code, label, member_group, national_code, source, confidence, valid_from, valid_to
  FROM cpts.profession WHERE false;
SELECT code, label, finess_category, source, confidence, valid_from, valid_to
  FROM cpts.structure_kind WHERE false;
SELECT member_group, percent, source, confidence FROM cpts.member_composition WHERE false;
SELECT cpts_id, identifier, version, category, college, voice, lead_region, valid_from, valid_to,
       recorded_from, recorded_to
  FROM cpts.cpts_member WHERE false;
SELECT cpts_id, representative_id, version, association, approval_reference, designated_on,
       designation_reference, trained_on, voice, lead_region, valid_from, valid_to, recorded_from,
       recorded_to
  FROM cpts.cpts_representative WHERE false;
SELECT cpts_id, valid_from, version, adherent_count, professional_count, source, lead_region,
       valid_to, recorded_from, recorded_to
  FROM cpts.cpts_adhesion WHERE false;
SELECT cpts_id, category, version, change_dates, member_counts, lead_region, valid_from, valid_to,
       recorded_from, recorded_to
  FROM cpts.cpts_member_count WHERE false;
SELECT 'cpts.member_count_refresh(uuid, int, text, text[])'::regprocedure,
       'cpts.members_follow(uuid, int, text, date, uuid, int, text)'::regprocedure;
SELECT 1 / (count(*) = 4)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_member'::regclass, 'cpts.cpts_representative'::regclass,
                'cpts.cpts_adhesion'::regclass, 'cpts.cpts_member_count'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_member', 'category', 'UPDATE'))::int;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_representative', 'voice', 'UPDATE'))::int;
ROLLBACK;
