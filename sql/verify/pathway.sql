-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:pathway
BEGIN;
SELECT template, version, label, use, requester_wanted, valid_from, source, confidence
  FROM cpts.pathway_template WHERE false;
SELECT template, version, step, rank, label, use_case, urgency, profession, speciality, previous,
       delay_days
  FROM cpts.pathway_template_step WHERE false;
SELECT pathway_id, owner_node, epoch, version, template, template_version, origin_id, origin_region,
       requester_finess, pseudonym, synthetic, started_at
  FROM cpts.pathway WHERE false;
SELECT 1 / (cpts.pathway_template_fault() IS NULL)::int;
SELECT 1 / (relrowsecurity AND relforcerowsecurity)::int
  FROM pg_catalog.pg_class WHERE oid = 'cpts.pathway'::regclass;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.pathway', 'INSERT')
            AND NOT has_table_privilege('cpts_app', 'cpts.pathway_template', 'INSERT')
            AND NOT has_function_privilege('cpts_app',
              'cpts.pathway_refusal(uuid, text, uuid, text)', 'EXECUTE'))::int;
SELECT has_function_privilege('cpts.pathway_steps(uuid)', 'EXECUTE'),
       has_function_privilege('cpts.is_pathway_of_mine(uuid, uuid, text)', 'EXECUTE'),
       has_function_privilege('cpts.has_taken_step(uuid)', 'EXECUTE'),
       has_function_privilege('cpts.pathway_forget(uuid, uuid)', 'EXECUTE'),
       has_function_privilege('cpts.pathways_follow(uuid, uuid)', 'EXECUTE'),
       has_function_privilege('cpts.steps_asked_of_me(uuid)', 'EXECUTE'),
       has_function_privilege('cpts.pathway_start(text, uuid, bytea, uuid, text, bytea, uuid, text, int, text, bytea)', 'EXECUTE');
SELECT 1 / (count(*) = 4)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace
   AND relname IN ('pathway_origin_id_pathway_id_idx', 'pathway_origin_region_pathway_id_idx',
                   'pathway_pseudonym_idx', 'referral_pathway_id_idx');
ROLLBACK;
