-- Lead regions of all CPTS, for the server's copy: on whose behalf a region's node may speak.
-- Gives: 0 CPTS (text), 1 INSEE code of its lead region; in byte order of the first.
SELECT c.cpts_id::text, c.lead_region
  FROM cpts.cpts c
 ORDER BY c.cpts_id::text COLLATE "C"
