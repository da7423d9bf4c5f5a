-- Records what is released of a period, once.
-- $1 period  $2 first day (date)  $3 last day (date)  $4 threshold (int)  $5 synthetic (boolean)
-- $6 newest referral counted (microseconds, 0 = none)
-- of each cell: $7 cube  $8 level  $9 key  $10 key of its total  $11 counts, as text of a bigint[]
-- Gives: 0 how many releases were recorded: 0 when another server was first.
SELECT cpts.referral_release_record($1::text, $2::date, $3::date, $4::int, $5::boolean,
         CASE WHEN $6::bigint > 0 THEN to_timestamp($6::bigint / 1000000.0) END, $7::text[],
         $8::text[], $9::text[], $10::text[], $11::text[])
