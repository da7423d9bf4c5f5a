-- Loads the head of the log; second statement of a writing transaction.
-- $1 name of this node (text)
SELECT cpts.log_begin($1::text)
