-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:territory_rules
-- Shares of one unit: validated CPTS of one owner never beyond 1, on any date.
-- Locks: none, new functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.has_iris() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM cpts.territory_unit u WHERE u.kind = 'IRIS');
END;
COMMENT ON FUNCTION cpts.has_iris()
  IS 'The reference has IRIS: only then can a claim lie within another''s.';

CREATE FUNCTION cpts.validated_period(cpts_id uuid)
  RETURNS TABLE (from_on date, to_on date)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.from_on, coalesce(p.to_on, 'infinity')
    FROM (SELECT min(s.valid_from) FILTER (WHERE s.stage IN ('PROJET_VALIDE', 'ACI_SIGNE')) AS from_on,
                 min(s.valid_from) FILTER (WHERE s.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS',
                                                             'NON_RENOUVELE')) AS to_on
            FROM cpts.cpts_stage s
           WHERE s.cpts_id = validated_period.cpts_id AND s.recorded_to = 'infinity') p
   WHERE p.from_on IS NOT NULL;
END;
COMMENT ON FUNCTION cpts.validated_period(uuid)
  IS 'From when until when a CPTS is at PROJET_VALIDE or ACI_SIGNE, by what is believed now; no row when it never is.';

CREATE FUNCTION cpts.share_excess_beside(cpts_ids uuid[], node text, from_on date, to_on date, codes text[],
    shares double precision[]) RETURNS text
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER COST 100000
  SET search_path = pg_catalog SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
  -- Mostly nobody else is there, and nothing more is asked.
  IF NOT EXISTS (SELECT FROM unnest(codes) AS u (code)
                   JOIN cpts.cpts_territory t ON t.unit_code = u.code
                  WHERE t.cpts_id <> ALL (cpts_ids) AND t.recorded_to = 'infinity'
                    AND t.valid_from < share_excess_beside.to_on
                    AND t.valid_to > share_excess_beside.from_on)
     AND NOT cpts.has_iris() THEN
    RETURN NULL;
  END IF;
  RETURN (
    WITH atom AS (
      SELECT u.code AS atom, u.share
        FROM unnest(codes, shares) AS u (code, share)
      UNION
      SELECT t.unit_code, u.share
        FROM unnest(codes, shares) AS u (code, share)
        JOIN cpts.cpts_territory t ON t.unit_code > u.code AND t.unit_code < u.code || ':'
         AND t.recorded_to = 'infinity'
       WHERE length(u.code) = 5 AND (SELECT cpts.has_iris())
    ), claim AS (
      SELECT a.atom, a.share AS own_share, t.cpts_id, t.share,
             greatest(t.valid_from, v.from_on, share_excess_beside.from_on) AS from_on,
             least(t.valid_to, v.to_on, share_excess_beside.to_on) AS to_on
        FROM atom a
        JOIN cpts.cpts_territory t ON t.unit_code IN (a.atom, left(a.atom, 5))
        JOIN cpts.cpts c ON c.cpts_id = t.cpts_id
       CROSS JOIN LATERAL cpts.validated_period(t.cpts_id) v
       WHERE t.cpts_id <> ALL (cpts_ids) AND t.recorded_to = 'infinity'
         AND t.valid_from < share_excess_beside.to_on AND t.valid_to > share_excess_beside.from_on
         AND v.from_on < share_excess_beside.to_on AND v.to_on > share_excess_beside.from_on
         AND c.owner_node = share_excess_beside.node
         AND EXISTS (SELECT FROM cpts.cpts_stage s
                      WHERE s.cpts_id = t.cpts_id AND s.recorded_to = 'infinity'
                        AND s.stage IN ('PROJET_VALIDE', 'ACI_SIGNE'))
    ), moment AS (
      SELECT DISTINCT k.atom, k.own_share, k.from_on
        FROM claim k
       WHERE k.from_on < k.to_on
    ), excess AS (
      SELECT m.atom, m.from_on, m.own_share + sum(k.share) AS share,
             string_agg(k.cpts_id::text, ', ' ORDER BY k.share DESC, k.cpts_id) AS others
        FROM moment m
        JOIN claim k ON k.atom = m.atom AND k.from_on <= m.from_on AND k.to_on > m.from_on
       GROUP BY m.atom, m.own_share, m.from_on
      HAVING m.own_share + sum(k.share) > 1 + 1e-9
    ), worst AS (
      SELECT DISTINCT ON (e.atom) e.atom, e.from_on, e.share, e.others
        FROM excess e ORDER BY e.atom, e.share DESC, e.from_on
    ), told AS (
      SELECT w.atom, w.from_on, w.share, w.others, row_number() OVER (ORDER BY w.atom) AS n,
             count(*) OVER () AS total
        FROM worst w
    )
    SELECT string_agg(format('%s: %s on %s with %s', t.atom, round(t.share::numeric, 3), t.from_on,
                             left(t.others, 74)), '; ' ORDER BY t.n)
           || CASE WHEN max(t.total) > 2 THEN format('; and %s more units', max(t.total) - 2)
                   ELSE '' END
      FROM told t WHERE t.n <= 2);
END
$$;
COMMENT ON FUNCTION cpts.share_excess_beside(uuid[], text, date, date, text[], double precision[])
  IS 'Where and with whom the shares of CPTS at PROJET_VALIDE or ACI_SIGNE of one owner would exceed 1, if the first of these held those units between those dates and the rest of these nothing; NULL when nowhere, and when an argument is NULL. A claim on a commune lies on each of its IRIS. Sees what the statement saw, and every CPTS, whatever the caller''s scope: the rule holds between regions.';

CREATE FUNCTION cpts.share_excess(cpts_id uuid, node text, from_on date, to_on date, codes text[],
    shares double precision[]) RETURNS text
  LANGUAGE sql STABLE STRICT COST 100000
  RETURN cpts.share_excess_beside(ARRAY[cpts_id], node, from_on, to_on, codes, shares);
COMMENT ON FUNCTION cpts.share_excess(uuid, text, date, date, text[], double precision[])
  IS 'cpts.share_excess_beside() of one CPTS.';

CREATE FUNCTION cpts.stage_share_excess(cpts_id uuid, node text, on_date date) RETURNS text
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog COST 100000
AS $$
DECLARE
  part   record;
  excess text;
BEGIN
  FOR part IN
    SELECT greatest(t.valid_from, on_date) AS from_on, t.valid_to AS to_on,
           array_agg(t.unit_code) AS codes, array_agg(t.share) AS shares
      FROM cpts.cpts_territory t
     WHERE t.cpts_id = stage_share_excess.cpts_id AND t.recorded_to = 'infinity'
       AND t.valid_to > on_date
     GROUP BY 1, 2 ORDER BY 1
  LOOP
    excess := cpts.share_excess_beside(ARRAY[stage_share_excess.cpts_id], node, part.from_on, part.to_on,
                                part.codes, part.shares);
    EXIT WHEN excess IS NOT NULL;
  END LOOP;
  RETURN excess;
END
$$;
COMMENT ON FUNCTION cpts.stage_share_excess(uuid, text, date)
  IS 'cpts.share_excess() of the territory a CPTS has, if it were validated from that date on: asked by the step into PROJET_VALIDE.';

CREATE FUNCTION cpts.territory_share_excess(cpts_id uuid, node text, on_date date, codes text[],
    shares double precision[]) RETURNS text
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog COST 100000
AS $$
BEGIN
  RETURN (SELECT cpts.share_excess(territory_share_excess.cpts_id, node,
                                   greatest(v.from_on, on_date), v.to_on, codes, shares)
            FROM cpts.validated_period(territory_share_excess.cpts_id) v
           WHERE v.to_on > on_date);
END
$$;
COMMENT ON FUNCTION cpts.territory_share_excess(uuid, text, date, text[], double precision[])
  IS 'cpts.share_excess() of a territory that a CPTS would have from that date on; NULL for one that is not validated.';

CREATE FUNCTION cpts.merge_refusal(cpts_id uuid, successor_id uuid, node text, on_date date)
  RETURNS text
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog COST 100000
AS $$
DECLARE
  held   record;
  nested text;
  excess text;
BEGIN
  SELECT array_agg(h.unit_code) AS codes, array_agg(h.share) AS shares INTO held
    FROM (SELECT t.unit_code, least(1, sum(t.share)) AS share
            FROM cpts.cpts_territory t
           WHERE t.cpts_id IN (merge_refusal.cpts_id, successor_id) AND t.recorded_to = 'infinity'
             AND t.valid_from <= on_date AND t.valid_to > on_date
           GROUP BY t.unit_code) h;
  SELECT min(c) INTO nested FROM unnest(held.codes) c
   WHERE length(c) > 5 AND left(c, 5) = ANY (held.codes);
  IF nested IS NOT NULL THEN
    RETURN 'MERGE_UNITS_NESTED ' || nested;
  END IF;
  SELECT cpts.share_excess_beside(ARRAY[successor_id, merge_refusal.cpts_id], node,
                           greatest(v.from_on, on_date), v.to_on, held.codes, held.shares)
    INTO excess
    FROM cpts.validated_period(successor_id) v
   WHERE v.to_on > on_date;
  RETURN 'TERRITORY_SHARE_EXCEEDED ' || excess;
END
$$;
COMMENT ON FUNCTION cpts.merge_refusal(uuid, uuid, text, date)
  IS 'Why a CPTS cannot take over the territory of another on a date: MERGE_UNITS_NESTED and a unit that lies within one of the other, or TERRITORY_SHARE_EXCEEDED and where; NULL when it can.';

CREATE FUNCTION cpts.claim_overlaps(cpts_id uuid, from_on date, to_on date, codes text[])
  RETURNS TABLE (unit_code text)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT u.code
    FROM unnest(codes) AS u (code)
   WHERE (SELECT t.cpts_id FROM cpts.cpts_territory t
           WHERE t.unit_code = u.code AND t.cpts_id <> claim_overlaps.cpts_id
             AND t.recorded_to = 'infinity'
             AND t.valid_from < claim_overlaps.to_on AND t.valid_to > claim_overlaps.from_on
           LIMIT 1) IS NOT NULL
      OR length(u.code) > 5
     AND (SELECT t.cpts_id FROM cpts.cpts_territory t
           WHERE t.unit_code = left(u.code, 5) AND t.cpts_id <> claim_overlaps.cpts_id
             AND t.recorded_to = 'infinity'
             AND t.valid_from < claim_overlaps.to_on AND t.valid_to > claim_overlaps.from_on
           LIMIT 1) IS NOT NULL
  UNION
  SELECT t.unit_code
    FROM unnest(codes) AS u (code)
    JOIN cpts.cpts_territory t ON t.unit_code > u.code AND t.unit_code < u.code || ':'
   WHERE (SELECT cpts.has_iris()) AND length(u.code) = 5
     AND t.cpts_id <> claim_overlaps.cpts_id AND t.recorded_to = 'infinity'
     AND t.valid_from < claim_overlaps.to_on AND t.valid_to > claim_overlaps.from_on;
END;
COMMENT ON FUNCTION cpts.claim_overlaps(uuid, date, date, text[])
  IS 'Units where what a CPTS claims between two dates meets what another one does, for unit_overlap; an IRIS where one claims it and the other its commune.';

COMMIT;
