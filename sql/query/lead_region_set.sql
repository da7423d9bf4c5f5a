-- Has a CPTS led by another region.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)  $8 INSEE code of the region (text)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
SELECT s.outcome, s.cpts_id, s.version, s.log_position, s.detail
  FROM cpts.lead_region_set($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::int,
         $8::text) s
