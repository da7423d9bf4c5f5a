-- One pathway with its steps, and the entry of the audit trail that says so.
-- $1 RPPS  $2 profession  $3 function  $4 purpose (text)  $5 pathway id (uuid)
-- Gives no row for what the caller has no part in, else a row a step: 0 id, 1 template,
-- 2 version, 3 label, 4 origin, 5 name of the origin, 6 FINESS of the requester, 7 pseudonym
-- (hexadecimal, '' for a desk and for a CPTS that is only being asked), 8 started (microseconds), 9 synthetic, 10 step, 11 label,
-- 12 use case, 13 urgency, 14 profession, 15 speciality, 16 previous (text[]), 17 delay (days),
-- 18 state, 19 planned for ('' = not proposed), 20 referrals (uuid[]), 21 their statuses (text[]).
WITH found AS MATERIALIZED (
  SELECT p.pathway_id, p.template, p.template_version, p.origin_id, p.requester_finess,
         p.pseudonym, p.started_at, p.synthetic
    FROM cpts.pathway p WHERE p.pathway_id = $5::uuid
), trace AS (
  INSERT INTO cpts.audit_read (rpps, profession, function, purpose, method, parts, item_count)
    SELECT $1::text, $2::text, $3::text, $4::text, 'GetPathway', '', (SELECT count(*) FROM found)
)
SELECT f.pathway_id, f.template, f.template_version, t.label, f.origin_id, c.name,
       f.requester_finess,
       CASE WHEN f.origin_id = cpts.scope_cpts() OR cpts.has_taken_step(f.pathway_id)
            THEN coalesce(encode(f.pseudonym, 'hex'), '') ELSE '' END,
       cpts.unix_us(f.started_at), f.synthetic, s.step, s.label, s.use_case, s.urgency,
       s.profession, s.speciality, s.previous, s.delay_days, s.state,
       coalesce(s.proposed_on::text, ''), s.referral_ids, s.statuses
  FROM found f
  JOIN cpts.pathway_template t ON t.template = f.template AND t.version = f.template_version
  LEFT JOIN cpts.cpts c ON c.cpts_id = f.origin_id
  CROSS JOIN LATERAL cpts.pathway_steps(f.pathway_id) s
 ORDER BY s.rank
