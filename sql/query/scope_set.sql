-- Says on whose behalf the following statements of this transaction run.
-- $1 scope (text: *, read, region:<INSEE>, cpts:<uuid>), $2 principal (text)
SELECT set_config('app.scope', $1, true), set_config('app.principal', $2, true)
