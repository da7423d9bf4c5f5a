-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:identity
BEGIN;
SELECT name, address FROM cpts.node WHERE false;
SELECT region, node, epoch FROM cpts.region_owner WHERE false;
SELECT principal, role, scope, valid_from, valid_to FROM cpts.principal_role WHERE false;
SELECT set_config('app.scope', 'region:11', true);
SELECT 1 / cpts.may_write('11', '00000000-0000-0000-0000-000000000000')::int;
SELECT 1 / (NOT cpts.may_write('52', '00000000-0000-0000-0000-000000000000'))::int;
SELECT set_config('app.scope', '', true);
SELECT 1 / (NOT cpts.may_read())::int;
ROLLBACK;
