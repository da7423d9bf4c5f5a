-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:audit
BEGIN;
SELECT entry_id, xid, recorded_at, principal, scope, rpps, profession, function, purpose, method,
       referral_id, parts, item_count FROM cpts.audit_read WHERE false;
SELECT position, entry_id, prev_hash, hash FROM cpts.audit_chain WHERE false;
SELECT position, horizon, log_position, log_hash, recorded_at FROM cpts.audit_checkpoint WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_class
  WHERE oid IN ('cpts.audit_read'::regclass, 'cpts.audit_chain'::regclass,
          'cpts.audit_checkpoint'::regclass) AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.audit_read', 'SELECT, UPDATE, DELETE'))::int;
SELECT 1 / has_function_privilege('cpts_app', 'cpts.audit_chain_append(int)', 'EXECUTE')::int;
ROLLBACK;
