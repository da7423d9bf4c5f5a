-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:governance
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.members_follow(uuid, int, text, date, uuid, int, text);
DROP FUNCTION cpts.member_count_refresh(uuid, int, text, text[]);
DROP TABLE cpts.cpts_member_count;
DROP TABLE cpts.cpts_adhesion;
DROP TABLE cpts.cpts_representative;
DROP TABLE cpts.cpts_member;
DROP FUNCTION cpts.may_read_members(text, uuid);
DROP DOMAIN cpts.adhesion_source;
DROP DOMAIN cpts.decision_reference;
DROP DOMAIN cpts.association_name;
DROP DOMAIN cpts.voice_code;
DROP DOMAIN cpts.college_code;
DROP DOMAIN cpts.member_code;
DROP DOMAIN cpts.member_identifier;
DROP TABLE cpts.member_composition;
DROP TABLE cpts.structure_kind;
DROP TABLE cpts.profession;
DROP TABLE cpts.member_group;
COMMIT;
