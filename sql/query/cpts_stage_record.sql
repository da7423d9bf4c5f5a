-- Records that a CPTS entered a live stage (a way out: cpts_exit_record.sql).
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stage (text)      $9 date entered (date) $10 successor (uuid or NULL)
-- $11 stages from which the step is legal (text[])
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), current AS MATERIALIZED (
  SELECT c.version, c.owner_node, c.stage, c.stage_on,
         cpts.may_write(c.lead_region, c.cpts_id) AS in_scope
    FROM cpts.cpts c
   WHERE c.cpts_id = $4::uuid
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(), stage = $8::text, stage_on = $9::date
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage = ANY ($11::text[]) AND stage_on <= $9::date
     AND cpts.may_write(lead_region, cpts_id) AND NOT EXISTS (SELECT FROM seen)
  RETURNING version, epoch, lead_region
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $10::uuid, changed.lead_region, $9::date,
           cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_STAGE_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN current.version IS NULL THEN 'CPTS_NOT_FOUND'
            WHEN NOT current.in_scope THEN 'OUT_OF_SCOPE'
            WHEN current.owner_node <> $5::text THEN 'NOT_OWNER'
            WHEN current.version <> $7::int THEN 'STALE_VERSION'
            WHEN NOT current.stage = ANY ($11::text[]) THEN 'ILLEGAL_STAGE_STEP'
            ELSE 'STAGE_DATE_BEFORE_CURRENT' END AS outcome,
       $4::uuid AS cpts_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       CASE WHEN current.owner_node <> $5::text THEN cpts.node_and_address(current.owner_node)
            WHEN current.version <> $7::int THEN current.version::text
            ELSE concat_ws(' ', current.stage, current.stage_on) END AS detail
  FROM (VALUES (1)) one
  LEFT JOIN logged ON true
  LEFT JOIN current ON true
  LEFT JOIN seen ON true
