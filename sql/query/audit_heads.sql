-- Where the chains of the audit trail end.
-- $1 this node (text)
-- Gives a row a chain that has any: 0 chain, 1 node, 2 position, 3 hash in hexadecimal, 4 at
-- (microseconds), 5 reads not chained yet.
SELECT h.chain, h.node, h.position, encode(h.hash, 'hex'), cpts.unix_us(h.at), h.pending
  FROM cpts.audit_heads($1::text) h
