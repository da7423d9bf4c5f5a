-- The database as the node's status shows it.
-- Gives one row: 0 PostgreSQL's version, 1 its clock (microseconds), 2 reference version,
-- 3 vintage, 4 head of the log, 5 when the next clock of a referral is due (microseconds).
SELECT current_setting('server_version'), cpts.unix_us(clock_timestamp()),
       coalesce((SELECT max(v.version) FROM cpts.reference_version v), 0),
       coalesce((SELECT v.vintage FROM cpts.reference_version v ORDER BY v.version DESC LIMIT 1), 0),
       cpts.log_head(), cpts.unix_us(cpts.referral_clock_next())
