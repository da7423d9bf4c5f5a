-- Suspends or resumes a regional node, or raises its epoch.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 id of the node (uuid, derived from its name)  $5 this node (text)  $6 change bytes (bytea)
-- $7 the node (text)  $8 step (text: SUSPEND, RESUME, EPOCH)  $9 why (text)  $10 epoch seen (int, with EPOCH)
-- Gives one row: outcome, id, version (an epoch), log_position, detail.
SELECT d.outcome, d.node_id, d.version, d.log_position, d.detail
  FROM cpts.node_decide($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::text,
         $8::text, $9::text, $10::int) d
