-- Wakes the log's listeners when this transaction appended; the last statement.
SELECT cpts.log_notify()
