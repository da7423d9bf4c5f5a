-- A page of the pathways that the caller's CPTS started, or whose desk it is.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)
-- $5 id after which the page begins (uuid)  $6 rows at most, one more than the page has (int)
-- $7 template ('' = all)  $8 only those with a step proposed now (bool)
-- Gives a row a pathway: 0..9 as pathway_get.sql, 10 steps proposed now, 11 steps under way,
-- 12 steps fulfilled, 13 steps.
WITH page AS MATERIALIZED (
  SELECT p.pathway_id, p.template, p.template_version, p.origin_id, p.requester_finess,
         p.pseudonym, p.started_at, p.synthetic, n.proposed, n.under_way, n.fulfilled, n.steps
    FROM cpts.pathway p
   CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE s.state = 'PROPOSED') AS proposed,
                              count(*) FILTER (WHERE s.state = 'UNDER_WAY') AS under_way,
                              count(*) FILTER (WHERE s.state = 'FULFILLED') AS fulfilled,
                              count(*) AS steps
                         FROM cpts.pathway_steps(p.pathway_id) s) n
   WHERE p.pathway_id > $5::uuid
     AND (p.origin_id = cpts.scope_cpts() OR p.origin_region = cpts.scope_region())
     AND ($7::text = '' OR p.template = $7::text)
     AND (NOT $8::bool OR n.proposed > 0)
   ORDER BY p.pathway_id LIMIT $6::int
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'ListPathways', '',
           least(count(*), $6::int - 1) FROM page
)
SELECT p.pathway_id, p.template, p.template_version, t.label, p.origin_id, c.name,
       p.requester_finess,
       CASE WHEN cpts.scope_cpts() IS NULL THEN ''
            ELSE coalesce(encode(p.pseudonym, 'hex'), '') END,
       cpts.unix_us(p.started_at), p.synthetic, p.proposed, p.under_way, p.fulfilled, p.steps
  FROM page p
  JOIN cpts.pathway_template t ON t.template = p.template AND t.version = p.template_version
  LEFT JOIN cpts.cpts c ON c.cpts_id = p.origin_id
 ORDER BY p.pathway_id
