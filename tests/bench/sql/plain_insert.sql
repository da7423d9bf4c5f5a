-- SPDX-License-Identifier: Apache-2.0
-- pgbench: three rows in three plain tables, one statement, one commit. No
-- check of a version, no deduplication, no log position, no policy.
\set n :first + :client_id + 16 * :k
\set k :k + 1
WITH stage_row AS (
  INSERT INTO bench.stage (cpts_id, version, stage, lead_region, valid_from, recorded_from)
    VALUES (('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 2, 'LETTRE_INTENTION', '11',
            '2021-01-01', now())
), log_row AS (
  INSERT INTO bench.log (position, origin, aggregate_id, version, kind, recorded_at, actor, bytes,
      prev_hash, hash)
    VALUES (:n::bigint, :node::text,
            ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 2,
            'CPTS_STAGE_RECORDED', now(), :principal::text, :change::bytea, :hash::bytea, :hash::bytea)
)
INSERT INTO bench.command (principal, command_id, content_hash, aggregate_id, version, position)
  VALUES (:principal::text, ('10000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :hash::bytea,
          ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 2, :n::bigint);
