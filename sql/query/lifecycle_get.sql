-- The life cycle of a CPTS, a row a fact, as it was on a date, as believed at an instant.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- Gives: 0 part, 1 code, 2 of what, 3 id, 4 from, 5 to, 6 text, 7 more text, 8 ids[],
-- 9 recorded_us, 10 raised_us, 11 names[]; empty where nothing is said here.
-- Part 1, the CPTS: code stage, of what name, from stage_on, text version, more published,
--   recorded population, names publication_set, lead region, may write, synthetic, finess, owner,
--   size class and its label.
-- 2 identity: code nature, of what legal form, to the date of the statuts, names rna, siret,
--   origin, ambition.
-- 3 stages: code stage, of what successor, text basis, ids documents, names kinds shown.
-- 4 states of filings: code state, of what target, id, text decision, ids documents, names kinds.
-- 5 documents: code kind, id, text title, more reference, names SHA-256.
-- 6 milestones: code kind, text note, ids documents.
-- 7 clocks: code kind, of what mission, id, to the due date, text source, more confidence,
--   names date of the stop and months.
WITH known AS MATERIALIZED (
  SELECT cpts.known_at($3::timestamptz) AS at
), found AS MATERIALIZED (
  SELECT c.cpts_id, coalesce(k.name, c.name) AS name, coalesce(k.version, c.version) AS version,
         c.published, c.publication_set, c.lead_region, c.synthetic,
         coalesce(k.finess, c.finess) AS finess, c.owner_node, cpts.may_write(c.lead_region, c.cpts_id) AS may_write,
         s.stage, s.valid_from, coalesce(p.population, 0) AS population
    FROM known
    JOIN cpts.cpts c ON c.cpts_id = $1::uuid AND c.created_at <= known.at
    LEFT JOIN LATERAL cpts.card_known(
           CASE WHEN c.updated_at > known.at THEN c.cpts_id END, known.at) k ON true
    LEFT JOIN LATERAL (
      SELECT f.stage, f.valid_from
        FROM cpts.cpts_stage f
       WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
         AND f.recorded_from <= known.at AND f.recorded_to > known.at
       ORDER BY f.valid_from DESC, f.version DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (
      SELECT round(sum(f.population_count))::int AS population
        FROM cpts.cpts_population f
       WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
         AND f.recorded_from <= known.at AND f.recorded_to > known.at) p ON true
)
SELECT 1 AS part, f.stage::text AS code, f.name::text AS of_what, f.cpts_id AS id,
       f.valid_from AS from_on, NULL::date AS to_on, f.version::text AS text_one,
       f.published::text AS text_two, '{}'::uuid[] AS ids, f.population::bigint AS recorded,
       0::bigint AS raised,
       ARRAY[f.publication_set::text, f.lead_region, f.may_write::text, f.synthetic::text, f.finess,
             f.owner_node, coalesce(z.code, ''), coalesce(z.label, '')] AS names
  FROM found f
  LEFT JOIN LATERAL (
    SELECT c.code, c.label FROM cpts.size_class c
     WHERE c.valid_from <= $2::date AND c.valid_to > $2::date AND f.population > 0
       AND c.population_min <= f.population
       AND (c.population_max IS NULL OR c.population_max > f.population)) z ON true
UNION ALL
SELECT 2, i.nature, i.legal_form, i.cpts_id, i.valid_from, i.statuts_on, '', '', '{}',
       cpts.unix_us(i.recorded_from), 0, ARRAY[i.rna, i.siret, i.origin, i.ambition]
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_identity i ON i.cpts_id = f.cpts_id
 WHERE i.valid_from <= $2::date AND i.valid_to > $2::date
   AND i.recorded_from <= known.at AND i.recorded_to > known.at
UNION ALL
SELECT 3, s.stage, coalesce(s.successor_id::text, ''), s.cpts_id, s.valid_from, NULL, s.basis, '',
       s.document_ids, cpts.unix_us(s.recorded_from), s.version, s.evidence
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_stage s ON s.cpts_id = f.cpts_id
 WHERE s.recorded_from <= known.at AND s.recorded_to > known.at
UNION ALL
SELECT 4, g.state, g.target, g.filing_id, g.valid_from, NULL, g.decision, '', g.document_ids,
       cpts.unix_us(g.recorded_from), g.version, cpts.document_kinds(g.cpts_id, g.document_ids)
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_filing g ON g.cpts_id = f.cpts_id
 WHERE g.recorded_from <= known.at AND g.recorded_to > known.at
UNION ALL
SELECT 5, d.kind, '', d.document_id, d.valid_from, NULL, d.title, d.reference, '{}',
       cpts.unix_us(d.recorded_from), d.version, ARRAY[encode(d.sha256, 'hex')]
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_document d ON d.cpts_id = f.cpts_id
 WHERE d.recorded_from <= known.at AND d.recorded_to > known.at
UNION ALL
SELECT 6, m.kind, '', m.cpts_id, m.valid_from, NULL, m.note, '', m.document_ids,
       cpts.unix_us(m.recorded_from), m.version, '{}'
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_milestone m ON m.cpts_id = f.cpts_id
 WHERE m.recorded_from <= known.at AND m.recorded_to > known.at
UNION ALL
SELECT 7, k.kind, k.mission, k.clock_id, k.valid_from, k.due_on, coalesce(r.source, ''),
       coalesce(r.confidence, ''), '{}', cpts.unix_us(k.recorded_from),
       CASE WHEN k.raised_at <= known.at AND k.raised_at < 'infinity'
            THEN cpts.unix_us(k.raised_at) ELSE 0 END,
       ARRAY[CASE WHEN k.valid_to < 'infinity' THEN k.valid_to::text ELSE '' END,
             coalesce(r.months, 0)::text]
  FROM found f
  CROSS JOIN known
  JOIN cpts.cpts_clock k ON k.cpts_id = f.cpts_id
  LEFT JOIN cpts.clock_rule r ON r.kind = k.kind AND r.mission = k.mission
        AND r.valid_from <= k.valid_from AND r.valid_to > k.valid_from
 WHERE k.valid_from <= $2::date AND k.recorded_from <= known.at AND k.recorded_to > known.at
 ORDER BY part, from_on, raised, id
