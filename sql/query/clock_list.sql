-- A page of the clocks that are due until a date, by due date.
-- $1 region that led on $5 ('' = all)  $2 kind ('' = all)  $3 cpts_id (uuid, NULL = all)
-- $4 due until (date)  $5 as of (date)  $6 known at (timestamptz)
-- $7 after this clock_id (uuid)  $8 rows at most (int)
-- Gives: 0 clock_id, 1 cpts_id, 2 name, 3 lead_region, 4 stage, 5 kind, 6 mission, 7 started on,
-- 8 due on, 9 raised_us (0 = not yet), 10 months, 11 source, 12 confidence, 13 synthetic,
-- 14 known at (microseconds).
-- The page is found first: names and stages are looked up for its rows only.
WITH page AS MATERIALIZED (
  SELECT k.clock_id, k.cpts_id, k.kind, k.mission, k.valid_from, k.due_on, k.raised_at,
         c.name, coalesce(m.region, c.lead_region) AS lead_region, c.synthetic, c.updated_at
    FROM cpts.cpts_clock k
    JOIN cpts.cpts c ON c.cpts_id = k.cpts_id
    LEFT JOIN cpts.lead_on($5::date, $6::timestamptz) m ON m.cpts_id = k.cpts_id
   WHERE k.clock_id > $7::uuid AND k.due_on <= $4::date
     AND k.valid_from <= $5::date AND k.valid_to > $5::date
     AND k.recorded_from <= $6::timestamptz AND k.recorded_to > $6::timestamptz
     AND ($1::text = '' OR coalesce(m.region, c.lead_region) = $1::text)
     AND ($2::text = '' OR k.kind = $2::text)
     AND ($3::uuid IS NULL OR k.cpts_id = $3::uuid)
   ORDER BY k.clock_id
   LIMIT $8::int
)
SELECT k.clock_id, k.cpts_id, coalesce(o.name, k.name), k.lead_region, s.stage, k.kind, k.mission,
       k.valid_from, k.due_on,
       CASE WHEN k.raised_at <= $6::timestamptz THEN cpts.unix_us(k.raised_at) ELSE 0 END,
       r.months, r.source, r.confidence, k.synthetic,
       (SELECT cpts.answer_instant_us($6::timestamptz))
  FROM page k
  LEFT JOIN LATERAL (
    SELECT f.stage FROM cpts.cpts_stage f
     WHERE f.cpts_id = k.cpts_id AND f.valid_from <= $5::date AND f.valid_to > $5::date
       AND f.recorded_from <= $6::timestamptz AND f.recorded_to > $6::timestamptz
     ORDER BY f.valid_from DESC, f.version DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN k.updated_at > $6::timestamptz THEN k.cpts_id END, $6::timestamptz) o ON true
  LEFT JOIN cpts.clock_rule r ON r.kind = k.kind AND r.mission = k.mission
        AND r.valid_from <= k.valid_from AND r.valid_to > k.valid_from
 ORDER BY k.clock_id
