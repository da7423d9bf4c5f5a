-- Aggregates that are parked, oldest first.
-- $1 this node (text)  $2 a peer (text, '' = all)  $3 rejected ones too (boolean)
-- $4 parked_id after which (uuid, NULL = from the first on)  $5 rows at most (int)
-- Gives rows: 0 parked_id (uuid), 1 peer (text), 2 aggregate kind (text), 3 id (uuid), 4 reason
-- (text), 5 detail (text), 6 version and 7 epoch of what was not stored, 8 version and 9 epoch
-- of what is here (int, 0 = nothing), 10 its owner here (text), 11 owner told (text), 12 times
-- (bigint), 13 parked at, 14 last at (bigint, microseconds), 15 a retry is wanted (boolean), 16
-- rejected at (bigint, 0 = not), 17 by whom, 18 why (text), 19 lead region (text), 20 what was
-- not stored (text, JSON; bounded).
SELECT NULL::uuid AS parked_id, ''::text AS peer, ''::text AS aggregate_kind,
       NULL::uuid AS aggregate_id,
       ''::text AS reason, ''::text AS detail, 0::int AS version, 0::int AS epoch,
       0::int AS here_version,
       0::int AS here_epoch, ''::text AS here_owner, ''::text AS owner, 0::bigint AS times,
       0::bigint AS parked_at, 0::bigint AS last_at, false AS retry_wanted,
       0::bigint AS rejected_at,
       ''::text AS rejected_by, ''::text AS rejected_reason, ''::text AS lead_region,
       ''::text AS told
 WHERE num_nulls($1::text, $2::text, $3::boolean, $4::uuid, $5::int) >= 0
   AND false
