-- Says once for a whole session on whose behalf it reads; only for a session
-- that serves nobody else.
-- $1 scope (text: *, read, region:<INSEE>, cpts:<uuid>)
SELECT set_config('app.scope', $1, false)
