-- What a composition board is made of: persons counted by line, structures by kind.
-- $1 cpts_id (uuid, NULL = none)  $2 region ('' = the nation)
-- $3 as of (date)                 $4 known at (timestamptz, NULL = now)
-- $5 smallest count of members that everybody may see (int)
-- Gives rows of four shapes; 0 says which:
-- AREA       1 outcome (OK, CPTS_NOT_FOUND), 2 what the caller may see: EVERYTHING, the TABLE in
--            which small counts are suppressed, or NOTHING: a CPTS that is not in the table;
--            3 region of the CPTS, 4 known at (microseconds), 5 CPTS with an adhesion count,
--            6 members among, 7 professionals, 8 date of the count (of one CPTS),
--            9 who counted (of one CPTS), 10 CPTS with a person as a member, 11 of them synthetic
-- GROUP      1 line, 2 label, 3 percentage published (NULL = none), 4 source, 5 confidence
-- CELLS      1 line, 2 region, 3 counts of its CPTS (array), 4 place of the CPTS asked for
--            among them: 1, or 0 when it is none of them
-- STRUCTURE  1 kind, 2 label, 3 structures
-- A CPTS counts in the region that led it on $3; who may see whose members is for the one that
-- leads it now. The table is of published CPTS, the same whoever asks: the difference of two would give counts
-- away.
WITH led AS MATERIALIZED (
  SELECT l.cpts_id, l.region FROM cpts.lead_on($3::date, cpts.known_at($4::timestamptz)) l
), target AS MATERIALIZED (
  SELECT c.cpts_id, coalesce(m.region, c.lead_region) AS lead_region, c.published,
         cpts.may_read_members(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c
    LEFT JOIN led m ON m.cpts_id = c.cpts_id
   WHERE c.cpts_id = $1::uuid
), caller AS MATERIALIZED (
  SELECT coalesce((SELECT t.in_scope FROM target t),
                  $1::uuid IS NULL AND current_setting('app.scope')
                    IN ('*', 'region:' || nullif($2::text, '')), false) AS sees_all
), number AS MATERIALIZED (
  SELECT n.cpts_id, coalesce(m.region, n.lead_region) AS lead_region, n.category::text AS category,
         n.member_counts[width_bucket($3::date, n.change_dates)] AS member_count
    FROM cpts.cpts_member_count n
    LEFT JOIN led m ON m.cpts_id = n.cpts_id
   WHERE n.valid_from <= $3::date
     AND n.recorded_from <= cpts.known_at($4::timestamptz)
     AND n.recorded_to > cpts.known_at($4::timestamptz)
), cell AS MATERIALIZED (
  SELECT n.cpts_id, n.lead_region, g.member_group, sum(n.member_count)::int AS member_count
    FROM number n
    JOIN (SELECT code, member_group FROM cpts.profession
          UNION ALL SELECT code, code FROM cpts.member_group WHERE code = 'REPRESENTANT_USAGERS') g
      ON g.code = n.category
    JOIN cpts.cpts c ON c.cpts_id = n.cpts_id
   CROSS JOIN caller
   WHERE n.member_count > 0 AND (caller.sees_all OR c.published)
   GROUP BY n.cpts_id, n.lead_region, g.member_group
), counted AS (
  SELECT DISTINCT ON (a.cpts_id) a.cpts_id, a.adherent_count, a.professional_count, a.valid_from,
         a.source
    FROM cpts.cpts_adhesion a
    LEFT JOIN led m ON m.cpts_id = a.cpts_id
   WHERE a.valid_from <= $3::date AND a.valid_to > $3::date
     AND a.recorded_from <= cpts.known_at($4::timestamptz)
     AND a.recorded_to > cpts.known_at($4::timestamptz)
     AND ($2::text = '' OR coalesce(m.region, a.lead_region) = $2::text) AND ($1::uuid IS NULL OR a.cpts_id = $1::uuid)
   ORDER BY a.cpts_id, a.valid_from DESC
), adhesion AS (
  SELECT count(*) AS cpts_count, sum(n.adherent_count) AS adherent_count,
         sum(n.professional_count) AS professional_count, max(n.valid_from) AS counted_on,
         min(n.source) AS source
    FROM counted n, caller
   WHERE caller.sees_all OR n.adherent_count >= $5::int
), peopled AS (
  SELECT count(DISTINCT x.cpts_id) AS cpts_count,
         count(DISTINCT x.cpts_id) FILTER (WHERE c.synthetic) AS synthetic_count
    FROM cell x
    JOIN cpts.cpts c ON c.cpts_id = x.cpts_id
   WHERE ($2::text = '' OR x.lead_region = $2::text) AND ($1::uuid IS NULL OR x.cpts_id = $1::uuid)
)
SELECT 'AREA' AS shape,
       CASE WHEN $1::uuid IS NOT NULL AND t.cpts_id IS NULL THEN 'CPTS_NOT_FOUND' ELSE 'OK' END AS c1,
       CASE WHEN caller.sees_all THEN 'EVERYTHING'
            WHEN t.published IS FALSE THEN 'NOTHING' ELSE 'TABLE' END AS c2,
       coalesce(t.lead_region, '') AS c3,
       (SELECT cpts.answer_instant_us($4::timestamptz))::text AS c4,
       d.cpts_count::text AS c5, d.adherent_count::text AS c6, d.professional_count::text AS c7,
       CASE WHEN $1::uuid IS NOT NULL THEN d.counted_on::text END AS c8,
       CASE WHEN $1::uuid IS NOT NULL THEN d.source END AS c9,
       w.cpts_count::text AS c10, w.synthetic_count::text AS c11, 0 AS position
  FROM adhesion d
  CROSS JOIN caller
  CROSS JOIN peopled w
  LEFT JOIN target t ON true
UNION ALL
SELECT 'GROUP', g.code, g.label, p.percent::text, p.source, p.confidence, NULL, NULL, NULL, NULL,
       NULL, NULL, g.rank
  FROM cpts.member_group g
  LEFT JOIN cpts.member_composition p ON p.member_group = g.code
UNION ALL
SELECT 'CELLS', x.member_group, x.lead_region,
       array_agg(x.member_count ORDER BY x.cpts_id IS NOT DISTINCT FROM $1::uuid DESC, x.cpts_id)::text,
       coalesce(bool_or(x.cpts_id = $1::uuid), false)::int::text, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, 1000
  FROM cell x
 GROUP BY x.member_group, x.lead_region
UNION ALL
SELECT 'STRUCTURE', k.code, k.label, sum(n.member_count)::text, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, 2000
  FROM number n
  JOIN cpts.structure_kind k ON k.code = n.category
 WHERE n.member_count > 0 AND ($2::text = '' OR n.lead_region = $2::text)
   AND ($1::uuid IS NULL OR n.cpts_id = $1::uuid)
 GROUP BY k.code, k.label
 ORDER BY position, c1, c2
