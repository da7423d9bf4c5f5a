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
SELECT cpts_id, lead_region, member_group, member_count
  FROM cpts.member_cells('2020-01-01', NULL) WHERE false;
SELECT category, structure_count FROM cpts.structure_counts('2020-01-01', NULL, '', NULL) WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_member'::regclass, 'cpts.cpts_representative'::regclass,
                'cpts.cpts_adhesion'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_member', 'category', 'UPDATE'))::int;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_representative', 'voice', 'UPDATE'))::int;
ROLLBACK;
