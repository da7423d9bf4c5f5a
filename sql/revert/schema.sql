-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:schema
BEGIN;
DROP FUNCTION cpts.unix_us(timestamptz);
DROP SCHEMA cpts;
COMMIT;
