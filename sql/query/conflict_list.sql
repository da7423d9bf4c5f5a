-- A page of the units that several live CPTS claim on a date, the most inhabitants claimed
-- too often first; one row without a code when there is none.
-- $1 region of the unit ('' = all)  $2 département of the unit ('' = all)
-- $3 as of (date)                   $4 known at (timestamptz)
-- $5 also where the shares add up to 1 at most (bool)
-- $6 rows to leave out (int)        $7 rows at most (int)
-- Gives: 0 unit code, 1 kind, 2 name, 3 département, 4 region, 5 inhabitants, 6 shares added
-- up, 7 inhabitants claimed more than once (double), 8 units in all, 9 inhabitants claimed
-- more than once in all, 10 CPTS ids[], 11 their names[], 12 stages[], 13 shares[],
-- 14 regions that led on $3[], 15 true when one of them is synthetic, 16 known at
-- (microseconds).
WITH claim AS MATERIALIZED (
  SELECT k.atom, k.cpts_id, l.stage, k.share, k.is_parent
    FROM cpts.overlap_claims($3::date, $4::timestamptz) k
    JOIN cpts.live_on($3::date, $4::timestamptz) l ON l.cpts_id = k.cpts_id
), met AS (
  SELECT k.atom, sum(k.share) AS share,
         greatest(0, sum(k.share) - 1)
           - greatest(0, coalesce(sum(k.share) FILTER (WHERE k.is_parent), 0) - 1) AS excess
    FROM claim k
   GROUP BY k.atom
  HAVING count(DISTINCT k.cpts_id) > 1 AND ($5::bool OR sum(k.share) > 1 + 1e-9)
), page AS (
  SELECT m.atom, u.kind, u.name, u.department, u.region, u.population_count, m.share,
         m.excess * u.population_count AS excess_count, count(*) OVER () AS unit_count,
         sum(m.excess * u.population_count) OVER () AS excess_total
    FROM met m
   CROSS JOIN LATERAL cpts.unit_on(m.atom, $3::date, $4::timestamptz) u
   WHERE ($1::text = '' OR u.region = $1::text) AND ($2::text = '' OR u.department = $2::text)
   ORDER BY m.excess * u.population_count DESC, m.atom
   OFFSET $6::int LIMIT $7::int
)
SELECT p.atom, p.kind, p.name, p.department, p.region, p.population_count, p.share,
       p.excess_count, coalesce(p.unit_count, 0), coalesce(p.excess_total, 0),
       n.ids, n.names, n.stages, n.shares, n.lead_regions, n.synthetic,
       (SELECT cpts.answer_instant_us($4::timestamptz))
  FROM (VALUES (1)) one
  LEFT JOIN page p ON true
 CROSS JOIN LATERAL (
   SELECT array_agg(c.cpts_id ORDER BY k.share DESC, c.cpts_id) AS ids,
          array_agg(coalesce(o.name, c.name::text) ORDER BY k.share DESC, c.cpts_id) AS names,
          array_agg(k.stage ORDER BY k.share DESC, c.cpts_id) AS stages,
          array_agg(k.share ORDER BY k.share DESC, c.cpts_id) AS shares,
          array_agg(coalesce(m.region, c.lead_region) ORDER BY k.share DESC, c.cpts_id) AS lead_regions,
          bool_or(c.synthetic) AS synthetic
     FROM claim k
     JOIN cpts.cpts c ON c.cpts_id = k.cpts_id
     LEFT JOIN cpts.lead_on($3::date, $4::timestamptz) m ON m.cpts_id = c.cpts_id
     LEFT JOIN LATERAL cpts.card_known(
            CASE WHEN c.updated_at > $4::timestamptz THEN c.cpts_id END, $4::timestamptz) o ON true
    WHERE k.atom = p.atom) n
 ORDER BY p.excess_count DESC, p.atom
