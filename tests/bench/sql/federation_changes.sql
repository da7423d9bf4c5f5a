-- SPDX-License-Identifier: Apache-2.0
-- bench.capacity_fill(): a region's own log grows by change_count entries, a thousand a
-- transaction: weekly capacity of cpts_count CPTS, one row of facts each, in a chain that
-- holds. A head is written once, as it is at the end, so that nothing is counted that a
-- replica need not write.
\set ON_ERROR_STOP on
CREATE SCHEMA IF NOT EXISTS bench;

CREATE FUNCTION bench.number_id(prefix text, n bigint) RETURNS uuid
  LANGUAGE sql IMMUTABLE
  RETURN (prefix || '-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid;

CREATE PROCEDURE bench.capacity_fill(node text, region text, cpts_count int, change_count int)
  LANGUAGE plpgsql
AS $$
DECLARE
  batch     CONSTANT int := 1000;
  head      bigint := cpts.log_head();
  origin    bigint;
  last_hash bytea;
  hashes    bytea[];
  packed    bytea;
BEGIN
  SELECT coalesce(max(l.origin_position), 0) INTO origin
    FROM cpts.change_log l WHERE l.origin_node = node;
  SELECT l.hash INTO last_hash
    FROM cpts.change_log l WHERE l.origin_node = node AND l.origin_position = origin;
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on,
      synthetic, created_at, updated_at, published)
    SELECT bench.number_id('0f000000', n), node, 1, (change_count - n) / cpts_count + 1,
           'CPTS ' || n, region, 'EMERGENCE', '2020-01-01', true, now(), now(), true
      FROM generate_series(1, cpts_count) AS n;
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region, valid_from, recorded_from)
    SELECT bench.number_id('0f000000', n), 1, 'EMERGENCE', region, '2020-01-01', now()
      FROM generate_series(1, cpts_count) AS n;
  COMMIT;
  FOR done IN 0 .. change_count - 1 BY batch LOOP
    hashes := '{}';
    FOR n IN done + 1 .. least(done + batch, change_count) LOOP
      packed := decode(rpad(to_hex(n), 320, 'c5'), 'hex');
      last_hash := sha256(last_hash || int8send(origin + n) || packed);
      hashes := hashes || last_hash;
    END LOOP;
    INSERT INTO cpts.change_log (local_position, origin_node, origin_position, epoch, aggregate_kind,
        aggregate_id, version, kind, recorded_at, actor, command_id, schema_version, lead_region,
        bytes, prev_hash, hash)
      SELECT head + n, node, origin + n, 1, 'CPTS',
             bench.number_id('0f000000', (n - 1) % cpts_count + 1), (n - 1) / cpts_count + 1,
             'CPTS_CAPACITY_RECORDED', now(), 'spiffe://cpts.test/node/' || node,
             bench.number_id('0f100000', n), 1, region, decode(rpad(to_hex(n), 320, 'c5'), 'hex'),
             coalesce(hashes[n - done - 1],
                      (SELECT l.hash FROM cpts.change_log l
                        WHERE l.origin_node = node AND l.origin_position = origin + n - 1),
                      decode(repeat('00', 32), 'hex')),
             hashes[n - done]
        FROM generate_series(done + 1, least(done + batch, change_count)) AS n;
    INSERT INTO cpts.cpts_capacity (cpts_id, version, valid_from, valid_to, kind, counted, lead_region,
        recorded_from)
      SELECT bench.number_id('0f000000', (n - 1) % cpts_count + 1), (n - 1) / cpts_count + 1,
             date '1990-01-01' + 7 * ((n - 1) / cpts_count),
             date '1990-01-08' + 7 * ((n - 1) / cpts_count), 'PLACES', n % 500, region, now()
        FROM generate_series(done + 1, least(done + batch, change_count)) AS n;
    COMMIT;
  END LOOP;
END
$$;
