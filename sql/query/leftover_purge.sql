-- Deletes uploads that nobody finished, and parked acts whose time is over.
-- $1 days of an upload (int)  $2 years of an act after it was resolved (int)
-- $3 rows of each at most (int)
-- Gives: 0 uploads, 1 acts that were deleted.
SELECT p.uploads, p.acts
  FROM cpts.leftover_purge(clock_timestamp(), $1::int, $2::int, $3::int) p
