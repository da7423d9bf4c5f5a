-- Version of the reference data in force: when it grows the server reads its copy again.
-- Gives one row: 0 version (0 = none).
SELECT coalesce(max(v.version), 0) FROM cpts.reference_version v
