-- Has this session woken once per transaction that appended to the log.
LISTEN cpts_log
