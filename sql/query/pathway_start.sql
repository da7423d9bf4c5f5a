-- Starts a pathway.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 pathway id (uuid)  $5 this node (text)  $6 change bytes (bytea)
-- $7 origin (uuid)  $8 template (text)  $9 its version, 0 = the one in force (int)
-- $10 FINESS of the requester (text)  $11 pseudonym (bytea)
-- Gives one row: outcome, pathway id, version, log_position, detail, version of the template.
SELECT s.outcome, s.pathway_id, s.version, s.log_position, s.detail, s.template_version
  FROM cpts.pathway_start($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::uuid,
         $8::text, $9::int, $10::text, $11::bytea) s
