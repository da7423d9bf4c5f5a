-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:governance
-- Members of CPTS, representatives of users, adhesion counts; and the reference
-- data that names them. No name of a person is stored: a professional is an RPPS
-- number and a profession, a representative of users a seat and an association.
-- Locks: new tables only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE TABLE cpts.member_group (
  code  text COLLATE "C" NOT NULL,
  rank  int  NOT NULL,
  label text NOT NULL,
  CONSTRAINT member_group_key PRIMARY KEY (code),
  CONSTRAINT member_group_rank UNIQUE (rank)
);
COMMENT ON TABLE cpts.member_group
  IS 'Lines of the composition board: professions put together so that a rare one is not a line of its own.';
COMMENT ON COLUMN cpts.member_group.code IS 'Name, as in profession.member_group.';
COMMENT ON COLUMN cpts.member_group.rank IS 'Order of the lines, from 1.';
COMMENT ON COLUMN cpts.member_group.label IS 'What people read, in French.';

CREATE TABLE cpts.profession (
  code          text COLLATE "C" NOT NULL,
  label         text NOT NULL,
  member_group  text COLLATE "C" NOT NULL,
  national_code text NOT NULL,
  source        text NOT NULL,
  confidence    text NOT NULL,
  valid_from    date NOT NULL DEFAULT '1900-01-01',
  valid_to      date NOT NULL DEFAULT 'infinity',
  CONSTRAINT profession_key PRIMARY KEY (code),
  CONSTRAINT profession_dates CHECK (valid_from < valid_to),
  CONSTRAINT profession_member_group_fk
    FOREIGN KEY (member_group) REFERENCES cpts.member_group (code)
);
COMMENT ON TABLE cpts.profession IS 'Professions of members with an RPPS number. A code is never taken away.';
COMMENT ON COLUMN cpts.profession.code IS 'Name, as in facts.';
COMMENT ON COLUMN cpts.profession.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.profession.member_group IS 'Line of the composition board.';
COMMENT ON COLUMN cpts.profession.national_code IS 'Code of the national nomenclature named in source, or empty.';
COMMENT ON COLUMN cpts.profession.source IS 'Where code and label come from.';
COMMENT ON COLUMN cpts.profession.confidence IS 'published, from memory, inferred: shown with it.';
COMMENT ON COLUMN cpts.profession.valid_from IS 'First date on which a membership may begin with it.';
COMMENT ON COLUMN cpts.profession.valid_to IS 'First date on which none may any more.';

CREATE TABLE cpts.structure_kind (
  code            text COLLATE "C" NOT NULL,
  label           text NOT NULL,
  finess_category text NOT NULL,
  source          text NOT NULL,
  confidence      text NOT NULL,
  valid_from      date NOT NULL DEFAULT '1900-01-01',
  valid_to        date NOT NULL DEFAULT 'infinity',
  CONSTRAINT structure_kind_key PRIMARY KEY (code),
  CONSTRAINT structure_kind_dates CHECK (valid_from < valid_to)
);
COMMENT ON TABLE cpts.structure_kind IS 'Kinds of structures that are members. A code is never taken away.';
COMMENT ON COLUMN cpts.structure_kind.code IS 'Name, as in facts.';
COMMENT ON COLUMN cpts.structure_kind.label IS 'What people read, in French.';
COMMENT ON COLUMN cpts.structure_kind.finess_category IS 'Usual category in FINESS, or empty.';
COMMENT ON COLUMN cpts.structure_kind.source IS 'Where code and label come from.';
COMMENT ON COLUMN cpts.structure_kind.confidence IS 'published, from memory, inferred: shown with it.';
COMMENT ON COLUMN cpts.structure_kind.valid_from IS 'First date on which a membership may begin with it.';
COMMENT ON COLUMN cpts.structure_kind.valid_to IS 'First date on which none may any more.';

CREATE TABLE cpts.member_composition (
  member_group text             COLLATE "C" NOT NULL,
  percent      double precision NOT NULL,
  source       text             NOT NULL,
  confidence   text             NOT NULL,
  CONSTRAINT member_composition_key PRIMARY KEY (member_group),
  CONSTRAINT member_composition_percent_range CHECK (percent >= 0 AND percent <= 100),
  CONSTRAINT member_composition_member_group_fk
    FOREIGN KEY (member_group) REFERENCES cpts.member_group (code)
);
COMMENT ON TABLE cpts.member_composition
  IS 'The published national composition of CPTS, to be shown beside the one counted here.';
COMMENT ON COLUMN cpts.member_composition.member_group IS 'Line of the composition board.';
COMMENT ON COLUMN cpts.member_composition.percent IS 'Percentage as published, 0 to 100.';
COMMENT ON COLUMN cpts.member_composition.source IS 'Who published it, as far as it is known.';
COMMENT ON COLUMN cpts.member_composition.confidence IS 'How sure that is: shown with the figure.';

CREATE DOMAIN cpts.member_identifier AS text COLLATE "C"
  CONSTRAINT cpts_member_identifier_shape
    CHECK (VALUE ~ '^(8[0-9]{11}|1([0-9]{2}|2[AB])[0-9]{7}|3[0-9]{14})$');
COMMENT ON DOMAIN cpts.member_identifier
  IS 'National identifier with its prefix: 8 and the RPPS number, 1 and the FINESS number, 3 and the SIRET number. Keys are checked by the server.';
CREATE DOMAIN cpts.member_code AS text COLLATE "C"
  CONSTRAINT cpts_member_category_shape CHECK (VALUE ~ '^[A-Z][A-Z_]{1,39}$');
COMMENT ON DOMAIN cpts.member_code IS 'A code of cpts.profession or cpts.structure_kind.';
CREATE DOMAIN cpts.college_code AS text COLLATE "C"
  CONSTRAINT cpts_member_college_known CHECK (VALUE IN ('PROFESSIONAL', 'PARTNER'));
COMMENT ON DOMAIN cpts.college_code IS 'The two colleges that a CPTS is asked for.';
CREATE DOMAIN cpts.voice_code AS text COLLATE "C"
  CONSTRAINT cpts_member_voice_known CHECK (VALUE IN ('DELIBERATIVE', 'CONSULTATIVE'));
COMMENT ON DOMAIN cpts.voice_code IS 'How a member votes.';

CREATE TABLE cpts.cpts_member (
  cpts_id       uuid                   NOT NULL,
  identifier    cpts.member_identifier NOT NULL,
  version       int                    NOT NULL,
  category      cpts.member_code       NOT NULL,
  college       cpts.college_code      NOT NULL,
  voice         cpts.voice_code        NOT NULL,
  lead_region   text                   COLLATE "C" NOT NULL,
  valid_from    date                   NOT NULL,
  valid_to      date                   NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz            NOT NULL,
  recorded_to   timestamptz            NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_member_key PRIMARY KEY (cpts_id, identifier, version, valid_from),
  CONSTRAINT cpts_member_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_member_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_member
  IS 'Members: professionals and structures. One may be a member of several CPTS. No foreign key, so that a replica with older reference data still stores what the owner decided.';
COMMENT ON COLUMN cpts.cpts_member.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_member.identifier IS 'National identifier with its prefix (8 RPPS, 1 FINESS, 3 SIRET).';
COMMENT ON COLUMN cpts.cpts_member.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_member.category IS 'Profession (RPPS) or kind of structure (FINESS, SIRET).';
COMMENT ON COLUMN cpts.cpts_member.college IS 'College in which it sits.';
COMMENT ON COLUMN cpts.cpts_member.voice IS 'DELIBERATIVE or CONSULTATIVE.';
COMMENT ON COLUMN cpts.cpts_member.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_member.valid_from IS 'First date of the membership, as it is described here.';
COMMENT ON COLUMN cpts.cpts_member.valid_to IS 'First date on which it no longer holds; else infinity.';
COMMENT ON COLUMN cpts.cpts_member.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_member.recorded_to IS 'Until when; infinity while it does.';

CREATE DOMAIN cpts.association_name AS text
  CONSTRAINT cpts_representative_association_length CHECK (char_length(VALUE) BETWEEN 1 AND 200);
COMMENT ON DOMAIN cpts.association_name IS 'Name of an association, 1 to 200 characters.';
CREATE DOMAIN cpts.decision_reference AS text
  CONSTRAINT cpts_representative_reference_length CHECK (char_length(VALUE) BETWEEN 1 AND 100);
COMMENT ON DOMAIN cpts.decision_reference IS 'Reference of a decision, 1 to 100 characters.';

CREATE TABLE cpts.cpts_representative (
  cpts_id               uuid                    NOT NULL,
  representative_id     uuid                    NOT NULL,
  version               int                     NOT NULL,
  association           cpts.association_name   NOT NULL,
  approval_reference    cpts.decision_reference NOT NULL,
  designated_on         date                    NOT NULL,
  designation_reference cpts.decision_reference NOT NULL,
  trained_on            date,
  voice                 cpts.voice_code         NOT NULL,
  lead_region           text                    COLLATE "C" NOT NULL,
  valid_from            date                    NOT NULL,
  valid_to              date                    NOT NULL DEFAULT 'infinity',
  recorded_from         timestamptz             NOT NULL,
  recorded_to           timestamptz             NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_representative_key PRIMARY KEY (cpts_id, representative_id, version),
  CONSTRAINT cpts_representative_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_representative_recorded CHECK (recorded_from <= recorded_to),
  CONSTRAINT cpts_representative_designated CHECK (designated_on <= valid_from)
);
COMMENT ON TABLE cpts.cpts_representative
  IS 'Seats of representatives of users, always in the partners'' college. Without the person''s name.';
COMMENT ON COLUMN cpts.cpts_representative.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_representative.representative_id IS 'UUID of the seat.';
COMMENT ON COLUMN cpts.cpts_representative.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_representative.association IS 'Name of the approved association.';
COMMENT ON COLUMN cpts.cpts_representative.approval_reference IS 'Reference of the decision that approves the association.';
COMMENT ON COLUMN cpts.cpts_representative.designated_on IS 'Date of the ARS''s designation.';
COMMENT ON COLUMN cpts.cpts_representative.designation_reference IS 'Reference of the ARS''s decision.';
COMMENT ON COLUMN cpts.cpts_representative.trained_on IS 'Date of the compulsory training; NULL while it has not taken place.';
COMMENT ON COLUMN cpts.cpts_representative.voice IS 'DELIBERATIVE or CONSULTATIVE.';
COMMENT ON COLUMN cpts.cpts_representative.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_representative.valid_from IS 'First date of the seat.';
COMMENT ON COLUMN cpts.cpts_representative.valid_to IS 'First date on which it is over; else infinity.';
COMMENT ON COLUMN cpts.cpts_representative.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_representative.recorded_to IS 'Until when; infinity while it does.';

CREATE DOMAIN cpts.adhesion_source AS text
  CONSTRAINT cpts_adhesion_source_length CHECK (char_length(VALUE) BETWEEN 1 AND 200);
COMMENT ON DOMAIN cpts.adhesion_source IS 'Who counted, and in what, 1 to 200 characters.';

CREATE TABLE cpts.cpts_adhesion (
  cpts_id           uuid                 NOT NULL,
  valid_from        date                 NOT NULL,
  version           int                  NOT NULL,
  adherent_count     int                  NOT NULL,
  professional_count int                 NOT NULL,
  source            cpts.adhesion_source NOT NULL,
  lead_region       text                 COLLATE "C" NOT NULL,
  valid_to          date                 NOT NULL DEFAULT 'infinity',
  recorded_from     timestamptz          NOT NULL,
  recorded_to       timestamptz          NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_adhesion_key PRIMARY KEY (cpts_id, valid_from, version),
  CONSTRAINT cpts_adhesion_counts
    CHECK (adherent_count >= 0 AND professional_count >= 1 AND adherent_count <= professional_count),
  CONSTRAINT cpts_adhesion_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_adhesion_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_adhesion
  IS 'Adhesion, never as a bare rate: how many of how many, when, and who says so. On a date, the believed row with the greatest valid_from counts.';
COMMENT ON COLUMN cpts.cpts_adhesion.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_adhesion.valid_from IS 'Date of the count.';
COMMENT ON COLUMN cpts.cpts_adhesion.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_adhesion.adherent_count IS 'Numerator: professionals of the territory who are members.';
COMMENT ON COLUMN cpts.cpts_adhesion.professional_count IS 'Denominator: professionals of the territory, at least 1.';
COMMENT ON COLUMN cpts.cpts_adhesion.source IS 'Who counted, and in what.';
COMMENT ON COLUMN cpts.cpts_adhesion.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_adhesion.valid_to IS 'First date on which the count says nothing any more; else infinity.';
COMMENT ON COLUMN cpts.cpts_adhesion.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_adhesion.recorded_to IS 'Until when; infinity while it does.';

CREATE FUNCTION cpts.may_read_members(lead_region text, cpts_id uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN cpts.may_write(lead_region, cpts_id);
COMMENT ON FUNCTION cpts.may_read_members(text, uuid)
  IS 'The scope of this transaction may see who the members of a CPTS are: the CPTS itself, its ARS, the nodes; not those who read aggregates.';

CREATE TABLE cpts.cpts_member_count (
  cpts_id       uuid             NOT NULL,
  category      cpts.member_code NOT NULL,
  version       int              NOT NULL,
  change_dates  date[]           NOT NULL,
  member_counts int[]            NOT NULL,
  lead_region   text             COLLATE "C" NOT NULL,
  valid_from    date             NOT NULL,
  valid_to      date             NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz      NOT NULL,
  recorded_to   timestamptz      NOT NULL DEFAULT 'infinity',
  CONSTRAINT cpts_member_count_key PRIMARY KEY (cpts_id, category, version),
  CONSTRAINT cpts_member_count_steps CHECK (cardinality(change_dates) = cardinality(member_counts)),
  CONSTRAINT cpts_member_count_valid CHECK (valid_from < valid_to),
  CONSTRAINT cpts_member_count_recorded CHECK (recorded_from <= recorded_to)
);
COMMENT ON TABLE cpts.cpts_member_count
  IS 'Members of a CPTS by category, counted over time: kept beside cpts_member and cpts_representative so that boards need not count every member, and so that those who may not see members can still add up. Small counts are withheld by the server.';
COMMENT ON COLUMN cpts.cpts_member_count.cpts_id IS 'The CPTS.';
COMMENT ON COLUMN cpts.cpts_member_count.category IS 'Profession, kind of structure, or REPRESENTANT_USAGERS.';
COMMENT ON COLUMN cpts.cpts_member_count.version IS 'Version of the CPTS that recorded the row.';
COMMENT ON COLUMN cpts.cpts_member_count.change_dates IS 'Dates on which the number changes, increasing.';
COMMENT ON COLUMN cpts.cpts_member_count.member_counts IS 'Members from each of these dates on.';
COMMENT ON COLUMN cpts.cpts_member_count.lead_region IS 'Lead region when recorded; for row-level security.';
COMMENT ON COLUMN cpts.cpts_member_count.valid_from IS 'The first of these dates.';
COMMENT ON COLUMN cpts.cpts_member_count.valid_to IS 'Infinity: the last number lasts.';
COMMENT ON COLUMN cpts.cpts_member_count.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.cpts_member_count.recorded_to IS 'Until when; infinity while it does.';

CREATE FUNCTION cpts.member_count_refresh(cpts_id uuid, version int, lead_region text,
    categories text[]) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  row_count int;
BEGIN
  UPDATE cpts.cpts_member_count n
     SET recorded_to = cpts.log_now()
   WHERE n.cpts_id = member_count_refresh.cpts_id AND n.recorded_to = 'infinity'
     AND n.category = ANY (categories);
  INSERT INTO cpts.cpts_member_count (cpts_id, category, version, change_dates, member_counts,
      lead_region, valid_from, recorded_from)
    SELECT member_count_refresh.cpts_id, r.category, member_count_refresh.version,
           array_agg(r.change_on ORDER BY r.change_on),
           array_agg(r.running ORDER BY r.change_on), member_count_refresh.lead_region,
           min(r.change_on), cpts.log_now()
      FROM (SELECT d.category, d.change_on,
                   (sum(sum(d.step)) OVER (PARTITION BY d.category ORDER BY d.change_on))::int
                     AS running
              FROM (SELECT f.category, e.change_on, e.step
                      FROM (SELECT m.category::text AS category, m.valid_from, m.valid_to
                              FROM cpts.cpts_member m
                             WHERE m.cpts_id = member_count_refresh.cpts_id
                               AND m.recorded_to = 'infinity' AND m.category = ANY (categories)
                            UNION ALL
                            SELECT 'REPRESENTANT_USAGERS', s.valid_from, s.valid_to
                              FROM cpts.cpts_representative s
                             WHERE s.cpts_id = member_count_refresh.cpts_id
                               AND s.recorded_to = 'infinity'
                               AND 'REPRESENTANT_USAGERS' = ANY (categories)) f
                     CROSS JOIN LATERAL (VALUES (f.valid_from, 1), (f.valid_to, -1))
                       AS e (change_on, step)
                     WHERE e.change_on < 'infinity') d
             GROUP BY d.category, d.change_on) r
     GROUP BY r.category;
  GET DIAGNOSTICS row_count = ROW_COUNT;
  RETURN row_count;
END
$$;
COMMENT ON FUNCTION cpts.member_count_refresh(uuid, int, text, text[])
  IS 'Counts the members of these categories again, after they were changed; sees what the calling statement has written so far.';

CREATE FUNCTION cpts.members_follow(cpts_id uuid, version int, lead_region text, ended_on date,
    successor_id uuid, successor_version int, successor_region text) RETURNS int
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  moved_count int := 0;
BEGIN
  IF successor_id IS NOT NULL THEN
    INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
        lead_region, valid_from, valid_to, recorded_from)
      SELECT successor_id, m.identifier, successor_version, m.category, m.college, m.voice,
             successor_region, lower(d.days), upper(d.days), cpts.log_now()
        FROM cpts.cpts_member m
       CROSS JOIN LATERAL unnest(
         datemultirange(daterange(greatest(m.valid_from, ended_on), m.valid_to))
         - coalesce((SELECT range_agg(daterange(o.valid_from, o.valid_to))
                       FROM cpts.cpts_member o
                      WHERE o.cpts_id = successor_id AND o.identifier = m.identifier
                        AND o.recorded_to = 'infinity'), '{}')) AS d (days)
       WHERE m.cpts_id = members_follow.cpts_id AND m.recorded_to = 'infinity'
         AND m.valid_to > ended_on;
    GET DIAGNOSTICS moved_count = ROW_COUNT;
    INSERT INTO cpts.cpts_representative (cpts_id, representative_id, version, association,
        approval_reference, designated_on, designation_reference, trained_on, voice, lead_region,
        valid_from, valid_to, recorded_from)
      SELECT successor_id, s.representative_id, successor_version, s.association,
             s.approval_reference, s.designated_on, s.designation_reference, s.trained_on, s.voice,
             successor_region, greatest(s.valid_from, ended_on), s.valid_to, cpts.log_now()
        FROM cpts.cpts_representative s
       WHERE s.cpts_id = members_follow.cpts_id AND s.recorded_to = 'infinity'
         AND s.valid_to > ended_on;
    PERFORM cpts.member_count_refresh(successor_id, successor_version, successor_region,
              ARRAY(SELECT n.category::text FROM cpts.cpts_member_count n
                     WHERE n.cpts_id IN (members_follow.cpts_id, successor_id)
                       AND n.recorded_to = 'infinity'));
  END IF;
  WITH superseded AS (
    UPDATE cpts.cpts_member m
       SET recorded_to = cpts.log_now()
     WHERE m.cpts_id = members_follow.cpts_id AND m.recorded_to = 'infinity'
       AND m.valid_to > ended_on
    RETURNING m.identifier, m.category, m.college, m.voice, m.valid_from
  )
  INSERT INTO cpts.cpts_member (cpts_id, identifier, version, category, college, voice,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT members_follow.cpts_id, s.identifier, members_follow.version, s.category, s.college,
           s.voice, members_follow.lead_region, s.valid_from, ended_on, cpts.log_now()
      FROM superseded s
     WHERE s.valid_from < ended_on;
  WITH superseded AS (
    UPDATE cpts.cpts_representative f
       SET recorded_to = cpts.log_now()
     WHERE f.cpts_id = members_follow.cpts_id AND f.recorded_to = 'infinity'
       AND f.valid_to > ended_on
    RETURNING f.representative_id, f.association, f.approval_reference, f.designated_on,
              f.designation_reference, f.trained_on, f.voice, f.valid_from
  )
  INSERT INTO cpts.cpts_representative (cpts_id, representative_id, version, association,
      approval_reference, designated_on, designation_reference, trained_on, voice, lead_region,
      valid_from, valid_to, recorded_from)
    SELECT members_follow.cpts_id, s.representative_id, members_follow.version, s.association,
           s.approval_reference, s.designated_on, s.designation_reference, s.trained_on, s.voice,
           members_follow.lead_region, s.valid_from, ended_on, cpts.log_now()
      FROM superseded s
     WHERE s.valid_from < ended_on;
  PERFORM cpts.member_count_refresh(members_follow.cpts_id, members_follow.version,
            members_follow.lead_region,
            ARRAY(SELECT n.category::text FROM cpts.cpts_member_count n
                   WHERE n.cpts_id = members_follow.cpts_id AND n.recorded_to = 'infinity'));
  RETURN moved_count;
END
$$;
COMMENT ON FUNCTION cpts.members_follow(uuid, int, text, date, uuid, int, text)
  IS 'Ends the memberships and seats of a CPTS that takes a way out. With a successor (else NULL) they go on there, on the days on which it has not the same member itself. Gives the memberships that moved.';

ALTER TABLE cpts.cpts_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_member FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_member_read ON cpts.cpts_member FOR SELECT
  USING (cpts.may_read_members(lead_region, cpts_id));
CREATE POLICY cpts_member_insert ON cpts.cpts_member FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_member_update ON cpts.cpts_member FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_representative ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_representative FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_representative_read ON cpts.cpts_representative FOR SELECT
  USING (cpts.may_read_members(lead_region, cpts_id));
CREATE POLICY cpts_representative_insert ON cpts.cpts_representative FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_representative_update ON cpts.cpts_representative FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_adhesion ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_adhesion FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_adhesion_read ON cpts.cpts_adhesion FOR SELECT
  USING ((SELECT cpts.may_read())
         OR cpts_id IN (SELECT c.cpts_id FROM cpts.cpts c WHERE c.published));
CREATE POLICY cpts_adhesion_insert ON cpts.cpts_adhesion FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_adhesion_update ON cpts.cpts_adhesion FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

ALTER TABLE cpts.cpts_member_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.cpts_member_count FORCE ROW LEVEL SECURITY;
CREATE POLICY cpts_member_count_read ON cpts.cpts_member_count FOR SELECT
  USING ((SELECT cpts.may_read())
         OR cpts_id IN (SELECT c.cpts_id FROM cpts.cpts c WHERE c.published));
CREATE POLICY cpts_member_count_insert ON cpts.cpts_member_count FOR INSERT
  WITH CHECK (cpts.may_write(lead_region, cpts_id));
CREATE POLICY cpts_member_count_update ON cpts.cpts_member_count FOR UPDATE
  USING (cpts.may_write(lead_region, cpts_id));

GRANT SELECT ON cpts.member_group TO cpts_app;
GRANT SELECT ON cpts.profession TO cpts_app;
GRANT SELECT ON cpts.structure_kind TO cpts_app;
GRANT SELECT ON cpts.member_composition TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_member TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_member TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_member_count TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_member_count TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_representative TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_representative TO cpts_app;
GRANT SELECT, INSERT ON cpts.cpts_adhesion TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.cpts_adhesion TO cpts_app;

COMMIT;
