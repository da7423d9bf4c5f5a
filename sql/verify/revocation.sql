-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:revocation
BEGIN;
SELECT serial, principal, reason, revoked_at FROM cpts.certificate_revocation WHERE false;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.certificate_revocation', 'INSERT'))::int;
ROLLBACK;
