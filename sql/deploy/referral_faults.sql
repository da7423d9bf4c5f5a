-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:referral_faults
-- What must never be true of referrals, as a list that is empty: for tests, benches and operators
-- (sql/admin/referral_faults.sql). Reads the log itself, not only what the tables say now.
-- Locks: new functions and types only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.wire_number_at(bytes bytea, INOUT place int, OUT number bigint)
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  shift int := 0;
  octet int;
BEGIN
  number := 0;
  LOOP
    octet := get_byte(bytes, place);
    number := number | ((octet & 127)::bigint << shift);
    place := place + 1;
    shift := shift + 7;
    EXIT WHEN octet < 128;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.wire_number_at(bytea, int)
  IS 'The protobuf varint at that place (from 0), and the place behind it.';

CREATE FUNCTION cpts.wire_parts(bytes bytea)
  RETURNS TABLE (field_number int, number bigint, payload bytea)
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  place int := 0;
  tag   bigint;
BEGIN
  WHILE place < octet_length(bytes) LOOP
    SELECT w.place, w.number INTO place, tag FROM cpts.wire_number_at(bytes, place) w;
    field_number := (tag >> 3)::int;
    number := NULL;
    payload := NULL;
    CASE tag & 7
      WHEN 0 THEN
        SELECT w.place, w.number INTO place, number FROM cpts.wire_number_at(bytes, place) w;
      WHEN 1 THEN
        place := place + 8;
      WHEN 2 THEN
        SELECT w.place, w.number INTO place, number FROM cpts.wire_number_at(bytes, place) w;
        payload := substring(bytes FROM place + 1 FOR number::int);
        place := place + number::int;
      ELSE
        place := place + 4;
    END CASE;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION cpts.wire_parts(bytea)
  IS 'The fields of a protobuf message: numbers as number, texts and messages as payload.';

CREATE FUNCTION cpts.referral_history(of_referral uuid DEFAULT NULL)
  RETURNS TABLE (referral_id uuid, version int, recorded_at timestamptz, part int, event int,
                 assignment_id text)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT l.aggregate_id, l.version, l.recorded_at, c.field_number,
         (SELECT p.number::int FROM cpts.wire_parts(c.payload) p
           WHERE c.field_number = 91 AND p.field_number = 1),
         (SELECT convert_from(p.payload, 'UTF8') FROM cpts.wire_parts(c.payload) p
           WHERE c.field_number = 91 AND p.field_number = 2)
    FROM cpts.change_log l
   CROSS JOIN LATERAL (SELECT w.field_number, w.payload FROM cpts.wire_parts(l.bytes) w
                        WHERE w.field_number BETWEEN 90 AND 99) c
   WHERE l.aggregate_kind = 'REFERRAL'
     AND (of_referral IS NULL OR l.aggregate_id = of_referral);
END;
COMMENT ON FUNCTION cpts.referral_history(uuid)
  IS 'What the log says of a referral, or of every one (NULL): the field of cpts.v1.Change (90 submitted, 91 a step was taken), of a step its number (cpts.v1.ReferralEvent) and its assignment.';

CREATE FUNCTION cpts.referral_faults(of_referral uuid DEFAULT NULL)
  RETURNS TABLE (referral_id uuid, fault text, detail text)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH referral AS MATERIALIZED (
    SELECT r.referral_id, r.version, r.status, r.origin_id, r.custodian_id, r.hop_count,
           r.created_at, r.status IN ('OPEN', 'TO_REASSIGN') AS is_open
      FROM cpts.referral r
     WHERE of_referral IS NULL OR r.referral_id = of_referral
  ), attempt AS MATERIALIZED (
    SELECT a.referral_id, count(*) FILTER (WHERE a.ended_at IS NULL) AS active_count,
           count(*) FILTER (WHERE a.ended_at IS NULL AND a.state NOT IN ('SUBMITTED', 'DELIVERED',
             'INFO_REQUESTED')) AS taken_count,
           min(a.destination_id::text) FILTER (WHERE a.ended_at IS NULL AND a.state NOT IN
             ('SUBMITTED', 'DELIVERED', 'INFO_REQUESTED')) AS taker,
           count(*) FILTER (WHERE a.state = 'CLOSED') AS closed_count,
           count(*) FILTER (WHERE a.state = 'REDIRECTED') AS redirected_count,
           max(a.version) AS version
      FROM cpts.assignment a
     WHERE of_referral IS NULL OR a.referral_id = of_referral
     GROUP BY a.referral_id
  ), armed AS MATERIALIZED (
    SELECT k.referral_id, k.kind,
           k.assignment_id = '00000000-0000-0000-0000-000000000000' OR a.ended_at IS NULL AS counts,
           a.state
      FROM cpts.referral_clock k
      LEFT JOIN cpts.assignment a
        ON a.referral_id = k.referral_id AND a.assignment_id = k.assignment_id
     WHERE of_referral IS NULL OR k.referral_id = of_referral
  ), told AS MATERIALIZED (
    SELECT h.referral_id, h.version, h.recorded_at, h.part, h.event, h.assignment_id
      FROM cpts.referral_history(of_referral) h
  ), chain AS MATERIALIZED (
    SELECT t.referral_id, count(*) AS entry_count, min(t.version) AS first_version,
           max(t.version) AS last_version, count(DISTINCT t.version) AS version_count
      FROM told t
     GROUP BY t.referral_id
  ), ending AS MATERIALIZED (
    SELECT t.referral_id, t.assignment_id, min(t.version) AS version
      FROM told t
     WHERE t.event IN (8, 9, 10, 11, 17, 19, 21, 23, 24) AND t.assignment_id IS NOT NULL
     GROUP BY t.referral_id, t.assignment_id
  )
  SELECT r.referral_id, 'NO_CLOCK', r.status::text
    FROM referral r
   WHERE r.is_open AND NOT EXISTS (SELECT FROM armed k
                                    WHERE k.referral_id = r.referral_id AND k.counts)
  UNION ALL
  SELECT k.referral_id, 'CLOCK_LEFT', concat_ws(' ', k.kind, r.status, k.state)
    FROM armed k
    LEFT JOIN referral r ON r.referral_id = k.referral_id
   WHERE r.is_open IS NOT TRUE OR k.counts IS NOT TRUE
  UNION ALL
  SELECT r.referral_id, 'CUSTODIAN', concat_ws(' ', r.status, r.custodian_id, a.taken_count)
    FROM referral r
    LEFT JOIN attempt a ON a.referral_id = r.referral_id
   WHERE r.is_open
         AND (coalesce(a.taken_count, 0) > 1
              OR r.custodian_id IS DISTINCT FROM coalesce(a.taker::uuid, r.origin_id)
                 AND NOT (r.custodian_id = r.origin_id
                          AND EXISTS (SELECT FROM told t
                                       WHERE t.referral_id = r.referral_id AND t.event = 29)))
      OR NOT r.is_open AND r.custodian_id IS NOT NULL
  UNION ALL
  SELECT r.referral_id, 'ASKS_ITSELF', a.assignment_id::text
    FROM referral r
    JOIN cpts.assignment a ON a.referral_id = r.referral_id AND a.destination_id = r.origin_id
   WHERE a.ended_at IS NULL
  UNION ALL
  SELECT r.referral_id, 'STATUS', concat_ws(' ', r.status, a.active_count, a.closed_count)
    FROM referral r
    LEFT JOIN attempt a ON a.referral_id = r.referral_id
   WHERE (r.status = 'OPEN') <> (coalesce(a.active_count, 0) > 0)
      OR (r.status = 'FULFILLED') <> (coalesce(a.closed_count, 0) > 0)
  UNION ALL
  SELECT t.referral_id, 'TERMINAL_LEFT', concat_ws(' ', t.assignment_id, t.version, t.event)
    FROM told t
    JOIN ending e ON e.referral_id = t.referral_id AND e.assignment_id = t.assignment_id
                 AND t.version > e.version
   WHERE t.event <> 24
  UNION ALL
  SELECT e.referral_id, 'TERMINAL_LEFT', concat_ws(' ', e.assignment_id, a.state)
    FROM ending e
    JOIN cpts.assignment a
      ON a.referral_id = e.referral_id AND a.assignment_id = e.assignment_id::uuid
   WHERE a.ended_at IS NULL
  UNION ALL
  SELECT a.referral_id, 'REDIRECT_CYCLE', concat_ws(' ', a.destination_id, count(*))
    FROM cpts.assignment a
   WHERE a.state IN ('DECLINED', 'REDIRECTED', 'FAILED') AND a.former_id IS NULL
     AND (of_referral IS NULL OR a.referral_id = of_referral)
   GROUP BY a.referral_id, a.destination_id
  HAVING count(*) > 1
  UNION ALL
  SELECT r.referral_id, 'HOPS', concat_ws(' ', r.hop_count, a.redirected_count)
    FROM referral r
    LEFT JOIN attempt a ON a.referral_id = r.referral_id
   WHERE r.hop_count <> coalesce(a.redirected_count, 0)
  UNION ALL
  SELECT r.referral_id, 'VERSION_CHAIN', concat_ws(' ', r.version, c.first_version,
           c.last_version, c.entry_count, a.version)
    FROM referral r
    LEFT JOIN chain c ON c.referral_id = r.referral_id
    LEFT JOIN attempt a ON a.referral_id = r.referral_id
   WHERE c.first_version IS DISTINCT FROM 1 OR c.last_version IS DISTINCT FROM r.version
      OR c.entry_count <> c.version_count OR c.entry_count <> r.version OR a.version > r.version
  UNION ALL
  SELECT NULL, 'COUNT_OF_DAY', concat_ws(' ', coalesce(s.day, n.day), coalesce(s.submitted_count, 0),
           coalesce(n.row_count, 0))
    FROM (SELECT (t.recorded_at AT TIME ZONE 'UTC')::date AS day, count(*) AS submitted_count
            FROM told t WHERE t.part = 90 GROUP BY 1) s
    FULL JOIN (SELECT (r.created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS row_count
                 FROM referral r GROUP BY 1) n ON n.day = s.day
   WHERE s.submitted_count IS DISTINCT FROM n.row_count;
END;
COMMENT ON FUNCTION cpts.referral_faults(uuid)
  IS 'Faults of one referral or of all (NULL), none when all is well: NO_CLOCK (open without an armed clock), CLOCK_LEFT, CUSTODIAN (not exactly the one that took it, else its origin; the origin also when who took it ended), ASKS_ITSELF (the origin is the destination of an attempt under way), STATUS (against its attempts), TERMINAL_LEFT, REDIRECT_CYCLE, HOPS, VERSION_CHAIN, COUNT_OF_DAY (submitted in the log against rows, a day). Reads the whole log of referrals when asked for all.';

COMMIT;
