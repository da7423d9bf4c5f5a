-- Settings of a connection of cptsd; its first statement.
-- $1 statement_timeout, $2 lock_timeout, $3 idle_in_transaction_session_timeout (text,
-- milliseconds), $4 on or off: transactions are read-only (text)
-- $5 plan_cache_mode, $6 on or off: enable_seqscan (text)
SELECT set_config('statement_timeout', $1, false),
       set_config('lock_timeout', $2, false),
       set_config('idle_in_transaction_session_timeout', $3, false),
       set_config('default_transaction_read_only', $4, false),
       set_config('plan_cache_mode', $5, false),
       set_config('enable_seqscan', $6, false),
       set_config('datestyle', 'ISO', false),
       set_config('timezone', 'UTC', false),
       set_config('jit', 'off', false),
       -- A block this large, freed: from then on the C library keeps what the session frees (32 MiB
       -- at most) instead of giving it back to the kernel after each statement that looks into
       -- several indexes, 27 KB each, to fault it in again with the next.
       length(repeat('x', 8000000))
