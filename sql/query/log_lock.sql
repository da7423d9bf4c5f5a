-- First statement of every transaction that appends to the log. Its own
-- statement: the next one's snapshot is then taken after the lock.
SELECT pg_advisory_xact_lock(cpts.log_lock_key())
