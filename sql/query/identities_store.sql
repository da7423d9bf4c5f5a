-- Stores what the node above told of who may call here, in place of what it told before.
-- $1 this node (text)  $2 hash of the set (bytea)
-- $3 principals  $4 roles  $5 scopes  $6 valid from  $7 valid until ('' = for ever) (text[])
-- $8 serial numbers  $9 their identities  $10 why (text[])
-- Gives one row: 0 roles that were refused (bigint).
SELECT cpts.identities_store($1::text, $2::bytea, $3::text[], $4::text[], $5::text[], $6::text[],
         $7::text[], $8::text[], $9::text[], $10::text[]) AS refused_count
