-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:unit_merger
-- Commune mergers of a new vintage in one step: the reference, and what the CPTS
-- of this node claim.
-- Locks: none, new functions and types only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.wire_varint(number bigint) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  rest  bigint := number;
  bytes bytea  := '';
BEGIN
  WHILE rest > 127 LOOP
    bytes := bytes || set_byte('\x00', 0, (rest & 127 | 128)::int);
    rest := rest >> 7;
  END LOOP;
  RETURN bytes || set_byte('\x00', 0, rest::int);
END
$$;
COMMENT ON FUNCTION cpts.wire_varint(bigint) IS 'A number >= 0 as protobuf writes it.';

CREATE FUNCTION cpts.wire_field(field_number int, payload bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN octet_length(payload) > 0
              THEN cpts.wire_varint(field_number * 8 + 2)
                   || cpts.wire_varint(octet_length(payload)) || payload
              ELSE '\x'::bytea END;
COMMENT ON FUNCTION cpts.wire_field(int, bytea)
  IS 'A text or message as a protobuf field; nothing for an empty one.';

CREATE FUNCTION cpts.wire_double(field_number int, number double precision) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN cpts.wire_varint(field_number * 8 + 1)
         || (SELECT string_agg(substring(float8send(number) FROM i FOR 1), ''::bytea ORDER BY i DESC)
               FROM generate_series(1, 8) AS i);
COMMENT ON FUNCTION cpts.wire_double(int, double precision)
  IS 'A double as a protobuf field: its eight bytes, the lowest first.';

CREATE TYPE cpts.unit_claim AS (
  cpts_id uuid, unit_code text, share double precision, new_code text, population int,
  from_on date, to_on date);
COMMENT ON TYPE cpts.unit_claim IS 'A claim on a commune that is merged, or on an IRIS of one.';
CREATE TYPE cpts.unit_mapping AS (
  cpts_id uuid, new_code text, share double precision, from_on date, to_on date);
COMMENT ON TYPE cpts.unit_mapping IS 'What claims on merged communes become.';

CREATE FUNCTION cpts.unit_claims_merged(old_codes text[], new_codes text[], on_date date)
  RETURNS SETOF cpts.unit_claim
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT t.cpts_id, t.unit_code, t.share, p.new_code, u.population_count,
         greatest(t.valid_from, on_date), t.valid_to
    FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
    JOIN cpts.territory_unit u ON u.code = p.old_code
      OR (u.kind = 'IRIS' AND u.parent_code = p.old_code)
    JOIN cpts.cpts_territory t ON t.unit_code = u.code
   WHERE t.recorded_to = 'infinity' AND t.valid_to > on_date;
END;
COMMENT ON FUNCTION cpts.unit_claims_merged(text[], text[], date)
  IS 'Claims that hold on or after a date on communes that become others, or on their IRIS.';

CREATE FUNCTION cpts.unit_mappings(claims cpts.unit_claim[], old_codes text[], new_codes text[])
  RETURNS SETOF cpts.unit_mapping
  LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH claim AS (
    SELECT c.cpts_id, c.share, c.new_code, c.population, c.from_on, c.to_on,
           CASE WHEN length(c.unit_code) = 5 THEN 1
                ELSE (SELECT count(*) FROM cpts.territory_unit i
                       WHERE i.kind = 'IRIS' AND i.parent_code = left(c.unit_code, 5)) END AS parts
      FROM unnest(claims) AS c
  ), total AS (
    SELECT p.new_code, sum(u.population_count) AS population, count(*) AS communes
      FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
      JOIN cpts.territory_unit u ON u.code = p.old_code
     GROUP BY p.new_code
  ), edge AS (
    SELECT c.cpts_id, c.new_code, c.from_on AS on_date FROM claim c
    UNION
    SELECT c.cpts_id, c.new_code, c.to_on FROM claim c
  ), span AS (
    SELECT e.cpts_id, e.new_code, e.on_date AS from_on,
           lead(e.on_date) OVER (PARTITION BY e.cpts_id, e.new_code ORDER BY e.on_date) AS to_on
      FROM edge e
  ), mapped AS (
    SELECT s.cpts_id, s.new_code,
           least(1, CASE WHEN max(t.population) > 0
                         THEN sum(c.share * c.population) / max(t.population)
                         ELSE sum(c.share / c.parts) / max(t.communes) END) AS share, s.from_on, s.to_on
      FROM span s
      JOIN claim c ON c.cpts_id = s.cpts_id AND c.new_code = s.new_code
       AND c.from_on <= s.from_on AND c.to_on >= s.to_on
      JOIN total t ON t.new_code = s.new_code
     GROUP BY s.cpts_id, s.new_code, s.from_on, s.to_on
  )
  SELECT m.cpts_id, m.new_code, m.share, m.from_on, m.to_on
    FROM mapped m
   WHERE m.share > 0;
END;
COMMENT ON FUNCTION cpts.unit_mappings(cpts.unit_claim[], text[], text[])
  IS 'What claims become: the inhabitants claimed, of those of all communes merged (without inhabitants every commune weighs the same, and so does each IRIS of one); by stretches of days on which the same claims hold.';

CREATE FUNCTION cpts.population_record(cpts_id uuid, version int, lead_region text, on_date date)
  RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH superseded AS (
    UPDATE cpts.cpts_population p
       SET recorded_to = cpts.log_now()
     WHERE p.cpts_id = population_record.cpts_id AND p.recorded_to = 'infinity'
       AND p.valid_to > on_date
    RETURNING p.department, p.region, p.population_count, p.valid_from
  ), claim AS (
    SELECT t.share * u.population_count AS population, u.department, u.region,
           greatest(t.valid_from, on_date) AS from_on, t.valid_to AS to_on
      FROM cpts.cpts_territory t
     CROSS JOIN LATERAL cpts.unit_on(t.unit_code, greatest(t.valid_from, on_date), 'infinity') u
     WHERE t.cpts_id = population_record.cpts_id AND t.recorded_to = 'infinity'
       AND t.valid_to > on_date
  ), edge AS (
    SELECT c.from_on AS on_edge FROM claim c UNION SELECT c.to_on FROM claim c
  ), span AS (
    SELECT e.on_edge AS from_on, lead(e.on_edge) OVER (ORDER BY e.on_edge) AS to_on FROM edge e
  )
  INSERT INTO cpts.cpts_population (cpts_id, version, department, region, population_count,
      lead_region, valid_from, valid_to, recorded_from)
    SELECT population_record.cpts_id, population_record.version, s.department, s.region,
           s.population_count, population_record.lead_region, s.valid_from, on_date, cpts.log_now()
      FROM superseded s
     WHERE s.valid_from < on_date
    UNION ALL
    SELECT population_record.cpts_id, population_record.version, c.department, c.region,
           sum(c.population), population_record.lead_region, s.from_on, s.to_on, cpts.log_now()
      FROM span s
      JOIN claim c ON c.from_on <= s.from_on AND c.to_on >= s.to_on
     GROUP BY c.department, c.region, s.from_on, s.to_on;
END;
COMMENT ON FUNCTION cpts.population_record(uuid, int, text, date)
  IS 'Records the sums of a territory anew from a date on, from what is believed of it now. Whoever writes a territory otherwise than whole calls it.';

CREATE FUNCTION cpts.units_replace(old_codes text[], new_codes text[], names text[],
    populations int[], on_date date) RETURNS void
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog SET enable_seqscan = on SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  INSERT INTO cpts.territory_unit_past (code, valid_to, superseded_at, kind, name, parent_code,
      is_leaf, department, region, epci, population_count, latitude, longitude, position_source,
      valid_from, recorded_from, successor_code)
    SELECT u.code, on_date, cpts.log_now(), u.kind, u.name, u.parent_code, u.is_leaf, u.department,
           u.region, u.epci, u.population_count, u.latitude, u.longitude, u.position_source,
           u.valid_from, u.recorded_from,
           (SELECT p.new_code FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
             WHERE p.old_code = u.code)
      FROM cpts.territory_unit u
     WHERE (u.code = ANY (old_codes) OR (u.kind = 'IRIS' AND u.parent_code = ANY (old_codes)))
       AND u.valid_from < on_date;
  -- What became one of them on this very date becomes what that one does.
  UPDATE cpts.territory_unit_past s SET successor_code = p.new_code
    FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
   WHERE s.successor_code = p.old_code AND s.valid_to = on_date AND p.old_code <> p.new_code;
  INSERT INTO cpts.territory_unit (code, kind, name, is_leaf, department, region, epci,
      population_count, latitude, longitude, position_source, valid_from, recorded_from)
    SELECT DISTINCT ON (p.new_code) p.new_code, 'COMMUNE', p.name, true, u.department, u.region,
           u.epci, coalesce(nullif(p.population, 0),
                            sum(u.population_count) OVER (PARTITION BY p.new_code))::int,
           u.latitude, u.longitude, u.position_source, on_date, cpts.log_now()
      FROM unnest(old_codes, new_codes, names, populations)
             AS p (old_code, new_code, name, population)
      JOIN cpts.territory_unit u ON u.code = p.old_code
     ORDER BY p.new_code, p.old_code = p.new_code DESC, u.population_count DESC, p.old_code
    ON CONFLICT (code) DO UPDATE
      SET name = excluded.name, population_count = excluded.population_count,
          valid_from = excluded.valid_from, recorded_from = excluded.recorded_from;
  UPDATE cpts.unit_old_code o SET unit_code = p.new_code
    FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
   WHERE o.unit_code = p.old_code AND p.old_code <> p.new_code;
  DELETE FROM cpts.unit_old_code o WHERE o.old_code = ANY (new_codes);
  INSERT INTO cpts.unit_old_code (old_code, unit_code)
    SELECT p.old_code, p.new_code FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
     WHERE p.old_code <> p.new_code
    ON CONFLICT (old_code) DO UPDATE SET unit_code = excluded.unit_code;
  UPDATE cpts.unit_old_name n SET unit_code = p.new_code
    FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
   WHERE n.unit_code = p.old_code AND p.old_code <> p.new_code;
  INSERT INTO cpts.unit_old_name (old_code, name, unit_code)
    SELECT p.old_code, u.name, p.new_code
      FROM unnest(old_codes, new_codes, names) AS p (old_code, new_code, name)
      JOIN cpts.territory_unit_past u ON u.code = p.old_code AND u.valid_to = on_date
     WHERE u.kind = 'COMMUNE' AND u.name <> p.name
    ON CONFLICT (old_code) DO UPDATE SET name = excluded.name, unit_code = excluded.unit_code;
  DELETE FROM cpts.territory_unit u
   WHERE (u.code = ANY (old_codes) AND u.code <> ALL (new_codes))
      OR (u.kind = 'IRIS' AND u.parent_code = ANY (old_codes));
  WITH area AS (
    SELECT 'department/' || d.code AS area, d.population_count AS population_before,
           (SELECT coalesce(sum(u.population_count), 0) FROM cpts.territory_unit u
             WHERE u.department = d.code AND u.kind = 'COMMUNE')::int AS population_after
      FROM cpts.department d
    UNION ALL
    SELECT 'region/' || r.code, r.population_count,
           (SELECT coalesce(sum(u.population_count), 0) FROM cpts.territory_unit u
             WHERE u.region = r.code AND u.kind = 'COMMUNE')::int
      FROM cpts.region r
  ), changed AS (
    SELECT a.area, a.population_before, a.population_after
      FROM area a WHERE a.population_before <> a.population_after
  ), kept AS (
    INSERT INTO cpts.area_population_past (area, valid_to, superseded_at, population_count)
      SELECT c.area, on_date, cpts.log_now(), c.population_before FROM changed c
      ON CONFLICT (area, valid_to) DO NOTHING
  ), department AS (
    UPDATE cpts.department d SET population_count = c.population_after
      FROM changed c WHERE c.area = 'department/' || d.code
  )
  UPDATE cpts.region r SET population_count = c.population_after
    FROM changed c WHERE c.area = 'region/' || r.code;
END
$$;
COMMENT ON FUNCTION cpts.units_replace(text[], text[], text[], int[], date)
  IS 'Puts merged communes in the place of the old ones, whose state is kept: department, region, EPCI and position are those of the commune that keeps its code, else of the largest.';

CREATE FUNCTION cpts.units_mapped_bytes(cpts_id uuid, principal text, command_id uuid,
    reference_version int, on_date date) RETURNS bytea
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT '\x0801'::bytea || cpts.wire_field(2, units_mapped_bytes.cpts_id::text::bytea)
         || cpts.wire_field(3, convert_to(principal, 'UTF8'))
         || cpts.wire_field(4, command_id::text::bytea)
         || cpts.wire_field(30, cpts.wire_field(1, on_date::text::bytea)
              || '\x10'::bytea || cpts.wire_varint(reference_version)
              || coalesce((SELECT string_agg(cpts.wire_field(3,
                       cpts.wire_field(1, t.unit_code::bytea) || cpts.wire_double(2, t.share)
                       || cpts.wire_field(3, greatest(t.valid_from, on_date)::text::bytea)
                       || CASE WHEN t.valid_to < 'infinity'
                               THEN cpts.wire_field(4, t.valid_to::text::bytea) ELSE '' END),
                     ''::bytea ORDER BY t.unit_code, t.valid_from)
                   FROM cpts.cpts_territory t
                  WHERE t.cpts_id = units_mapped_bytes.cpts_id AND t.recorded_to = 'infinity'
                    AND t.valid_to > on_date), ''));
END;
COMMENT ON FUNCTION cpts.units_mapped_bytes(uuid, text, uuid, int, date)
  IS 'cpts.v1.Change of a territory that was mapped (CptsUnitsMapped, field 30), packed by its owner as every change.';

CREATE FUNCTION cpts.territory_map(mapped cpts.unit_mapping[], merged text[], cpts_id uuid,
    principal text, command_id uuid, content_hash bytea, reference_version int, on_date date)
  RETURNS bigint
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  changed    record;
  own_id     uuid := md5(command_id::text || ' ' || cpts_id::text)::uuid;
BEGIN
  UPDATE cpts.cpts c
     SET version = c.version + 1, updated_at = cpts.log_now()
   WHERE c.cpts_id = territory_map.cpts_id
  RETURNING c.version, c.epoch, c.lead_region INTO changed;
  WITH superseded AS (
    UPDATE cpts.cpts_territory t
       SET recorded_to = cpts.log_now()
     WHERE t.cpts_id = territory_map.cpts_id AND t.recorded_to = 'infinity'
       AND t.valid_to > on_date
    RETURNING t.unit_code, t.share, t.valid_from, t.valid_to
  ), claim AS (
    SELECT s.unit_code, s.share, greatest(s.valid_from, on_date) AS from_on, s.valid_to AS to_on
      FROM superseded s
     WHERE s.unit_code <> ALL (merged)
    UNION ALL
    SELECT m.new_code, m.share, m.from_on, m.to_on
      FROM unnest(mapped) m
     WHERE m.cpts_id = territory_map.cpts_id
  ), edge AS (
    SELECT c.from_on AS on_edge FROM claim c UNION SELECT c.to_on FROM claim c
  ), span AS (
    SELECT e.on_edge AS from_on, lead(e.on_edge) OVER (ORDER BY e.on_edge) AS to_on FROM edge e
  )
  INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share, lead_region, valid_from,
      valid_to, recorded_from)
    SELECT territory_map.cpts_id, changed.version, s.unit_code, s.share, changed.lead_region,
           s.valid_from, on_date, cpts.log_now()
      FROM superseded s
     WHERE s.valid_from < on_date
    UNION ALL
    SELECT territory_map.cpts_id, changed.version, c.unit_code, c.share, changed.lead_region,
           s.from_on, s.to_on, cpts.log_now()
      FROM span s
      JOIN claim c ON c.from_on <= s.from_on AND c.to_on >= s.to_on;
  PERFORM cpts.population_record(territory_map.cpts_id, changed.version, changed.lead_region,
                                 on_date);
  RETURN cpts.log_append('CPTS', territory_map.cpts_id, changed.version, changed.epoch,
    'CPTS_UNITS_MAPPED', changed.lead_region,
    cpts.units_mapped_bytes(territory_map.cpts_id, principal, own_id, reference_version, on_date),
    principal, own_id, content_hash);
END
$$;
COMMENT ON FUNCTION cpts.territory_map(cpts.unit_mapping[], text[], uuid, text, uuid, bytea, int, date)
  IS 'Maps the territory of one CPTS from a date on and logs it; the log position. The territory is recorded whole from that date on, cut where a part of it ends, so that its sums have the same dates. What held before that date stays as it was.';

CREATE FUNCTION cpts.mapping_excess(mapped cpts.unit_mapping[])
  RETURNS TABLE (cpts_id uuid, excess text)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH held AS (
    SELECT m.cpts_id, m.new_code, m.share, greatest(m.from_on, v.from_on) AS from_on,
           least(m.to_on, v.to_on) AS to_on
      FROM unnest(mapped) m
     CROSS JOIN LATERAL cpts.validated_period(m.cpts_id) v
     WHERE m.from_on < v.to_on AND m.to_on > v.from_on
  ), beyond AS (
    SELECT t.new_code, t.from_on, sum(h.share) AS share
      FROM (SELECT DISTINCT k.new_code, k.from_on FROM held k) t
      JOIN held h ON h.new_code = t.new_code AND h.from_on <= t.from_on AND h.to_on > t.from_on
     GROUP BY t.new_code, t.from_on
    HAVING sum(h.share) > 1 + 1e-9
  )
  SELECT h.cpts_id, string_agg(format('%s: %s on %s', b.new_code, round(b.share::numeric, 3),
                                      b.from_on), '; ' ORDER BY b.new_code, b.from_on)
    FROM held h
    JOIN beyond b ON b.new_code = h.new_code AND h.from_on <= b.from_on AND h.to_on > b.from_on
   GROUP BY h.cpts_id;
END;
COMMENT ON FUNCTION cpts.mapping_excess(cpts.unit_mapping[])
  IS 'CPTS that hold a new commune while the shares of validated CPTS of it exceed 1, whoever owns them, and where, how much and since when. A merger is never refused for that: it is told.';

CREATE FUNCTION cpts.unit_mapping_report(claims cpts.unit_claim[], mapped cpts.unit_mapping[],
    populations cpts.unit_mapping[], node text, on_date date)
  RETURNS TABLE (cpts_id uuid, name text, version int, old_codes text[], old_shares double precision[],
    codes text[], shares double precision[], population_before double precision,
    population_after double precision, contacts uuid[], not_owned boolean, synthetic boolean,
    share_excess text)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH claim AS (
    SELECT c.cpts_id, c.unit_code, c.share, c.new_code, c.population
      FROM unnest(claims) c WHERE c.from_on <= on_date
  ), mapping AS (
    SELECT m.cpts_id, m.new_code, m.share, p.share AS population
      FROM unnest(mapped) m
      JOIN unnest(populations) p ON p.new_code = m.new_code
     WHERE m.from_on <= on_date AND m.to_on > on_date
  ), subject AS (
    SELECT DISTINCT c.cpts_id FROM unnest(claims) c
  )
  SELECT k.cpts_id, k.name::text, k.version, a.old_codes, a.old_shares, a.codes, a.shares,
         b.population, b.population - coalesce(a.population, 0) + coalesce(f.population, 0),
         n.contacts, k.owner_node <> node, k.synthetic, coalesce(x.excess, '')
    FROM subject s
    JOIN cpts.cpts k ON k.cpts_id = s.cpts_id
   CROSS JOIN LATERAL (
     SELECT array_agg(c.unit_code ORDER BY c.unit_code) AS old_codes,
            array_agg(c.share ORDER BY c.unit_code) AS old_shares,
            array_agg(c.new_code ORDER BY c.unit_code) AS codes,
            array_agg(coalesce(m.share, 0) ORDER BY c.unit_code) AS shares,
            sum(c.share * c.population) AS population
       FROM claim c
       LEFT JOIN mapping m ON m.cpts_id = c.cpts_id AND m.new_code = c.new_code
      WHERE c.cpts_id = s.cpts_id) a
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(p.population_count), 0) AS population FROM cpts.cpts_population p
      WHERE p.cpts_id = s.cpts_id AND p.recorded_to = 'infinity'
        AND p.valid_from <= on_date AND p.valid_to > on_date) b
   CROSS JOIN LATERAL (
     SELECT sum(m.share * m.population) AS population FROM mapping m
      WHERE m.cpts_id = s.cpts_id) f
   CROSS JOIN LATERAL (
     SELECT array_agg(DISTINCT o.cpts_id) AS contacts
       FROM mapping m
       JOIN mapping o ON o.new_code = m.new_code AND o.cpts_id <> m.cpts_id
       JOIN cpts.cpts q ON q.cpts_id = o.cpts_id
        AND q.stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
      WHERE m.cpts_id = s.cpts_id
        AND k.stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
        AND NOT EXISTS (SELECT FROM claim mine JOIN claim theirs
                          ON left(theirs.unit_code, 5) = left(mine.unit_code, 5)
                         WHERE mine.cpts_id = m.cpts_id AND theirs.cpts_id = o.cpts_id
                           AND mine.new_code = m.new_code)) n
    LEFT JOIN cpts.mapping_excess(mapped) x ON x.cpts_id = s.cpts_id
   ORDER BY k.cpts_id;
END;
COMMENT ON FUNCTION cpts.unit_mapping_report(cpts.unit_claim[], cpts.unit_mapping[], cpts.unit_mapping[], text, date)
  IS 'What mergers change for each CPTS that claims a merged commune; populations carries the inhabitants of each new commune in its share.';

CREATE FUNCTION cpts.unit_merger_fault(old_codes text[], new_codes text[], on_date date,
    OUT outcome text, OUT detail text, OUT done_codes text[])
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog SET enable_seqscan = on SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  WITH pair AS (
    SELECT p.old_code, p.new_code, u.code IS NOT NULL AS is_now,
           u.kind IS DISTINCT FROM 'COMMUNE' OR NOT u.is_leaf OR u.valid_from > on_date AS is_other,
           o.unit_code
      FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
      LEFT JOIN cpts.territory_unit u ON u.code = p.old_code
      LEFT JOIN cpts.unit_old_code o ON o.old_code = p.old_code
     WHERE p.old_code <> p.new_code
  ), fault AS (
    SELECT 'UNKNOWN_UNIT' AS reason, p.old_code AS code FROM pair p
     WHERE NOT p.is_now AND p.unit_code IS NULL
    UNION ALL
    SELECT 'MERGER_INVALID', p.old_code FROM pair p
     WHERE (p.is_now AND p.is_other) OR (NOT p.is_now AND p.unit_code <> p.new_code)
    UNION ALL
    SELECT 'MERGER_INVALID', n.new_code
      FROM unnest(new_codes) AS n (new_code)
      JOIN cpts.territory_unit u ON u.code = n.new_code
     WHERE u.kind <> 'COMMUNE' OR NOT u.is_leaf OR u.valid_from > on_date
    UNION ALL
    SELECT 'MERGER_INVALID', p.new_code FROM pair p
     GROUP BY p.new_code HAVING bool_or(p.is_now) AND NOT bool_and(p.is_now)
    UNION ALL
    SELECT 'MERGER_INVALID', n.new_code
      FROM unnest(new_codes) AS n (new_code)
     WHERE NOT EXISTS (SELECT FROM pair p WHERE p.new_code = n.new_code)
  )
  SELECT f.reason, f.code INTO outcome, detail
    FROM fault f ORDER BY f.reason DESC, f.code LIMIT 1;
  done_codes := ARRAY(SELECT DISTINCT o.unit_code
    FROM unnest(old_codes, new_codes) AS p (old_code, new_code)
    JOIN cpts.unit_old_code o ON o.old_code = p.old_code AND o.unit_code = p.new_code
   WHERE p.old_code <> p.new_code);
END
$$;
COMMENT ON FUNCTION cpts.unit_merger_fault(text[], text[], date)
  IS 'Why mergers cannot be applied (the reason and a code; NULL when they can), and the new communes of those that were applied before. A merger is applied whole or not at all, and not before the commune is what it is.';

CREATE FUNCTION cpts.unit_merge(principal text, command_id uuid, content_hash bytea,
    reference_id uuid, node text, bytes bytea, on_date date, vintage int, source text,
    old_codes text[], new_codes text[], names text[], populations int[], is_preview boolean)
  RETURNS TABLE (outcome text, version int, log_position bigint, detail text, applied int,
    already_applied int, cpts_id uuid, name text, cpts_version int, claims_old_codes text[],
    claims_old_shares double precision[], claims_codes text[], claims_shares double precision[],
    population_before double precision, population_after double precision, contacts uuid[],
    not_owned boolean, synthetic boolean, share_excess text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog SET enable_seqscan = on SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  fault    record;
  claims   cpts.unit_claim[];
  mapped   cpts.unit_mapping[];
  counted  cpts.unit_mapping[];
  merged   text[];
  own      uuid;
BEGIN
  SELECT CASE WHEN c.content_hash = unit_merge.content_hash THEN 'REPLAYED'
              ELSE 'COMMAND_ID_REUSED' END, c.version, c.log_position
    INTO outcome, version, log_position
    FROM cpts.command c
   WHERE c.principal = unit_merge.principal AND c.command_id = unit_merge.command_id;
  IF current_setting('app.scope', true) IS DISTINCT FROM '*' THEN
    outcome := 'OUT_OF_SCOPE';
  ELSIF outcome IS NULL AND node <> 'national' THEN
    outcome := 'NOT_OWNER';
    detail := cpts.node_and_address('national');
  END IF;
  IF outcome IS NOT NULL THEN
    RETURN NEXT;
    RETURN;
  END IF;
  fault := cpts.unit_merger_fault(old_codes, new_codes, on_date);
  IF fault.outcome IS NOT NULL THEN
    outcome := fault.outcome;
    detail := fault.detail;
    RETURN NEXT;
    RETURN;
  END IF;

  -- What is left to do; a commune that keeps its code is one of those that end.
  SELECT array_agg(p.old_code), array_agg(p.new_code), array_agg(p.name), array_agg(p.population)
    INTO old_codes, new_codes, names, populations
    FROM (SELECT q.old_code, q.new_code, max(q.name) AS name, max(q.population) AS population
            FROM (SELECT a.old_code, a.new_code, a.name, a.population
                    FROM unnest(old_codes, new_codes, names, populations)
                           AS a (old_code, new_code, name, population)
                  UNION ALL
                  SELECT b.new_code, b.new_code, b.name, b.population
                    FROM unnest(new_codes, names, populations) AS b (new_code, name, population)) q
           WHERE q.new_code <> ALL (fault.done_codes)
             AND EXISTS (SELECT FROM cpts.territory_unit u WHERE u.code = q.old_code)
           GROUP BY q.old_code, q.new_code) p;
  applied := (SELECT count(DISTINCT n) FROM unnest(new_codes) n);
  already_applied := cardinality(fault.done_codes);
  claims := ARRAY(SELECT c FROM cpts.unit_claims_merged(old_codes, new_codes, on_date) c);
  mapped := ARRAY(SELECT m FROM cpts.unit_mappings(claims, old_codes, new_codes) m);
  counted := ARRAY(
    SELECT ROW(NULL::uuid, p.new_code,
               coalesce(nullif(max(p.population), 0), sum(u.population_count))::float8,
               on_date, 'infinity')::cpts.unit_mapping
      FROM unnest(old_codes, new_codes, populations) AS p (old_code, new_code, population)
      JOIN cpts.territory_unit u ON u.code = p.old_code
     GROUP BY p.new_code);
  merged := ARRAY(SELECT DISTINCT c.unit_code FROM unnest(claims) c);
  version := (SELECT max(v.version) FROM cpts.reference_version v);
  log_position := 0;
  outcome := 'OK';
  IF is_preview OR applied = 0 THEN
    RETURN NEXT;
    RETURN QUERY SELECT 'CPTS', NULL::int, NULL::bigint, NULL::text, NULL::int, NULL::int, r.cpts_id,
        r.name, r.version, r.old_codes, r.old_shares, r.codes, r.shares, r.population_before,
        r.population_after, r.contacts, r.not_owned, r.synthetic, r.share_excess
      FROM cpts.unit_mapping_report(claims, mapped, counted, node, on_date) r;
    RETURN;
  END IF;

  -- The report reads what was believed before; what it says of versions comes after.
  RETURN QUERY SELECT 'CPTS', NULL::int, NULL::bigint, NULL::text, NULL::int, NULL::int, r.cpts_id,
      r.name, r.version + CASE WHEN r.not_owned THEN 0 ELSE 1 END, r.old_codes, r.old_shares,
      r.codes, r.shares, r.population_before, r.population_after, r.contacts, r.not_owned,
      r.synthetic, r.share_excess
    FROM cpts.unit_mapping_report(claims, mapped, counted, node, on_date) r;
  PERFORM cpts.units_replace(old_codes, new_codes, names, populations, on_date);
  version := coalesce(cpts.reference_version_mint(unit_merge.vintage, unit_merge.source, on_date),
                      version);
  log_position := cpts.log_append('REFERENCE', reference_id, version, 1, 'UNITS_MERGED', '', bytes,
                                  principal, command_id, content_hash);
  FOR own IN
    SELECT DISTINCT c.cpts_id FROM unnest(claims) c
      JOIN cpts.cpts k ON k.cpts_id = c.cpts_id AND k.owner_node = node
     ORDER BY 1
  LOOP
    log_position := cpts.territory_map(mapped, merged, own, principal, command_id, content_hash,
                                       version, on_date);
  END LOOP;
  INSERT INTO cpts.unit_overlap (unit_code)
    SELECT m.new_code FROM unnest(mapped) m
     GROUP BY m.new_code HAVING count(DISTINCT m.cpts_id) > 1
    ON CONFLICT (unit_code) DO NOTHING;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION cpts.unit_merge(text, uuid, bytea, uuid, text, bytea, date, int, text, text[], text[], text[], int[], boolean)
  IS 'Applies commune mergers, or tells what they would do: one row with the outcome, and one a CPTS (outcome CPTS), in any order. Needs the scope * and cpts.log_begin() before it in the same transaction; runs as its owner because nobody else may write reference data. Mergers applied before are left out.';

REVOKE EXECUTE ON FUNCTION cpts.unit_merge(text, uuid, bytea, uuid, text, bytea, date, int, text, text[], text[], text[], int[], boolean)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cpts.unit_merge(text, uuid, bytea, uuid, text, bytea, date, int, text, text[], text[], text[], int[], boolean)
  TO cpts_app;

COMMIT;
