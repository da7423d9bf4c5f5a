-- Applies the commune mergers of a new vintage, or tells what they would do.
-- $1 principal (text)  $2 command_id (uuid)      $3 content hash (bytea)
-- $4 id of the reference data (uuid)             $5 this node (text)   $6 change bytes (bytea)
-- $7 date of effect (date)  $8 vintage (int)     $9 source (text)
-- $10 old codes (text[])    $11 new codes (text[])  $12 names (text[])
-- $13 inhabitants (int[], 0 = those of the old ones), one element an old code
-- $14 report only (bool)
-- Gives one row of outcome first, then one a CPTS: 0 outcome (CPTS), 1 reference id,
-- 2 reference version, 3 log_position, 4 detail, 5 mergers applied, 6 applied before,
-- 7 cpts_id, 8 name, 9 version, 10 old codes[], 11 old shares[], 12 codes[], 13 shares[],
-- 14 population before (double), 15 after (double), 16 new contacts[], 17 not owned,
-- 18 synthetic, 19 where shares of validated CPTS exceed 1 ('' = nowhere).
SELECT m.outcome, $4::uuid, m.version, m.log_position, m.detail, m.applied, m.already_applied,
       m.cpts_id, m.name, m.cpts_version, m.claims_old_codes, m.claims_old_shares,
       m.claims_codes, m.claims_shares, m.population_before, m.population_after, m.contacts,
       m.not_owned, m.synthetic, m.share_excess
  FROM cpts.unit_merge($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $6::bytea, $7::date,
         $8::int, $9::text, $10::text[], $11::text[], $12::text[], $13::int[], $14::bool) m
 ORDER BY m.outcome = 'CPTS', m.cpts_id
