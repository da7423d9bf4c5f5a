-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_epoch
BEGIN;
DROP FUNCTION cpts.sync_epoch(text, int);
COMMIT;
