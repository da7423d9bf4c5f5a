-- Aggregates that are parked, oldest first.
-- $1 this node (text)  $2 a peer (text, '' = all)  $3 rejected ones too (boolean)
-- $4 parked_id after which (uuid, NULL = from the first on)  $5 rows at most (int)
-- Gives rows: 0 parked_id (uuid), 1 peer (text), 2 aggregate kind (text), 3 id (uuid), 4 reason
-- (text), 5 detail (text), 6 version and 7 epoch of what was not stored, 8 version and 9 epoch
-- of what is here (int, 0 = nothing), 10 its owner here (text), 11 owner told (text), 12 times
-- (bigint), 13 parked at, 14 last at (bigint, microseconds), 15 a retry is wanted (boolean), 16
-- rejected at (bigint, 0 = not), 17 by whom, 18 why (text), 19 lead region (text), 20 what was
-- not stored (text, JSON; bounded).
SELECT p.parked_id, p.peer, p.aggregate_kind, p.aggregate_id, p.reason, p.detail, p.version,
       p.epoch, coalesce(h.version, 0) AS here_version, coalesce(h.epoch, 0) AS here_epoch,
       coalesce(h.owner_node, '') AS here_owner, p.owner_node, p.times,
       cpts.unix_us(p.parked_at) AS parked_at, cpts.unix_us(p.last_at) AS last_at, p.retry_wanted,
       coalesce(cpts.unix_us(p.rejected_at), 0) AS rejected_at, p.rejected_by, p.rejected_reason,
       p.lead_region, p.told
  FROM cpts.parked_aggregate p
  LEFT JOIN LATERAL cpts.sync_here(p.aggregate_kind, p.aggregate_id) h ON true
 WHERE $1::text <> '' AND ($2::text = '' OR p.peer = $2::text)
   AND ($3::boolean OR p.rejected_at IS NULL)
   AND ($4::uuid IS NULL
        OR (p.parked_at, p.parked_id) > (SELECT b.parked_at, b.parked_id
                                           FROM cpts.parked_aggregate b
                                          WHERE b.parked_id = $4::uuid))
 ORDER BY p.parked_at, p.parked_id LIMIT $5::int
