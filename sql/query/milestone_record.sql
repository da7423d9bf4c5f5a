-- Records a milestone of a CPTS, with the clocks that it stops and starts.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 kind (text)       $9 on (date)          $10 note (text)
-- $11 document ids (uuid[])
-- $12 stages at which it may happen (text[], empty = any)
-- $13 ids, $14 kinds, $15 missions, $16 due dates of the clocks that start (arrays)
-- $17 kinds of the clocks that stop (text[]): none of a mission
-- Gives one row: outcome, cpts_id, version, log_position, detail, clocks stopped (text[]).
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND ($12::text[] = '{}' OR stage = ANY ($12::text[]))
     AND cpts.documents_unknown(cpts_id, $11::uuid[]) IS NULL
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), added AS (
  INSERT INTO cpts.cpts_milestone (cpts_id, version, kind, note, document_ids,
      lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $10::text, $11::uuid[],
           changed.lead_region, $9::date, cpts.log_now()
      FROM changed
), stopped AS MATERIALIZED (
  SELECT cpts.clock_stop($4::uuid, changed.version, changed.lead_region, $9::date, $17::text[],
           '') AS clocks
    FROM changed
), started AS MATERIALIZED (
  SELECT cpts.clock_start($4::uuid, changed.version, changed.lead_region, $9::date, $13::uuid[],
           $14::text[], $15::text[], $16::date[])
    FROM changed, stopped
   WHERE cardinality($13::uuid[]) > 0
), logged AS MATERIALIZED (
  SELECT changed.version, stopped.clocks,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch,
           'CPTS_MILESTONE_RECORDED', changed.lead_region, $6::bytea, $1::text, $2::uuid,
           $3::bytea) AS log_position
    FROM changed
    CROSS JOIN stopped
    LEFT JOIN started ON true
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail,
       logged.clocks
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN $12::text[] <> '{}' AND r.stage <> ALL ($12::text[])
                                THEN 'MILESTONE_NOT_AT_STAGE' ELSE 'DOCUMENT_NOT_FOUND' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN $12::text[] <> '{}' AND r.stage <> ALL ($12::text[])
                               THEN concat_ws(' ', r.stage, r.stage_on)
                               ELSE cpts.documents_unknown($4::uuid, $11::uuid[]) END),
       NULL
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
