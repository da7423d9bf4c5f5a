-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:revocation
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.certificate_revocation;
COMMIT;
