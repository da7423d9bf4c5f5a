-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:pathway
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.pathways_follow(uuid, uuid);
DROP FUNCTION cpts.pathway_forget(uuid, uuid);
DROP FUNCTION cpts.pathway_start(text, uuid, bytea, uuid, text, bytea, uuid, text, int, text, bytea);
DROP FUNCTION cpts.pathway_refusal(uuid, text, uuid, text);
DROP FUNCTION cpts.pathway_steps(uuid);
DROP TABLE cpts.pathway;
DROP FUNCTION cpts.is_pathway_of_mine(uuid, uuid, text);
DROP FUNCTION cpts.steps_asked_of_me(uuid);
DROP FUNCTION cpts.has_taken_step(uuid);
DROP INDEX cpts.referral_pathway_id_idx;
DROP FUNCTION cpts.pathway_template_fault();
DROP TABLE cpts.pathway_template_step;
DROP TABLE cpts.pathway_template;
COMMIT;
