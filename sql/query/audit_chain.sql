-- Chains reads that are not chained yet; says how many.
SELECT cpts.audit_chain_append(1000)
