/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlstate.h"

#include <stddef.h>
#include <string.h>

/** A prefix of SQLSTATEs; the first row that fits counts. */
struct sqlstate_row {
    const char *prefix;
    enum reason reason;
};

/* https://www.postgresql.org/docs/15/errcodes-appendix.html */
static const struct sqlstate_row SQLSTATES[] = {
    {"55P03", REASON_DATABASE_BUSY},        /* lock_not_available */
    {"40001", REASON_DATABASE_BUSY},        /* serialization_failure */
    {"40P01", REASON_DATABASE_BUSY},        /* deadlock_detected */
    {"57014", REASON_STATEMENT_TOO_LONG},   /* query_canceled */
    {"57P", REASON_DATABASE_UNAVAILABLE},   /* shutdown, starting up */
    {"08P01", REASON_INTERNAL_ERROR},       /* protocol_violation: our own mistake */
    {"08", REASON_DATABASE_UNAVAILABLE},    /* connection exception */
    {"53", REASON_DATABASE_UNAVAILABLE},    /* disk, memory, connections are out */
    {"25006", REASON_DATABASE_UNAVAILABLE}, /* read_only_sql_transaction: a standby */
    {"42501", REASON_OUT_OF_SCOPE},         /* row-level security refused the row */
    {"22021", REASON_INVALID_UTF8},         /* character_not_in_repertoire */
    {"22P05", REASON_INVALID_UTF8},         /* untranslatable_character */
    {"22003", REASON_FIELD_INVALID},        /* numeric_value_out_of_range */
    {"22007", REASON_FIELD_INVALID},        /* invalid_datetime_format */
    {"22008", REASON_FIELD_INVALID},        /* datetime_field_overflow */
    {"22P02", REASON_FIELD_INVALID},        /* invalid_text_representation */
    {"CPF02", REASON_GAP},                  /* cpts.sync_activate() */
    {"CPT01", REASON_NODE_READ_ONLY},       /* cpts.log_append() */
};

struct constraint_row {
    const char *constraint;
    enum reason reason;
    const char *field;
};

static const struct constraint_row CONSTRAINTS[] = {
    {"cpts_finess_shape", REASON_FIELD_INVALID, "finess"},
    {"cpts_name_length", REASON_FIELD_INVALID, "name"},
    {"cpts_stage_stage_known", REASON_FIELD_INVALID, "stage"},
    {"cpts_stage_successor", REASON_SUCCESSOR_INVALID, "successor_id"},
    {"cpts_territory_key", REASON_UNIT_REPEATED, "territory"},
    {"cpts_territory_share_range", REASON_SHARE_OUT_OF_RANGE, "territory"},
    {"cpts_website_length", REASON_FIELD_INVALID, "website"},
};

static enum reason find_sqlstate(const char *sqlstate)
{
    for (size_t i = 0; i < sizeof SQLSTATES / sizeof SQLSTATES[0]; i++) {
        if (strncmp(sqlstate, SQLSTATES[i].prefix, strlen(SQLSTATES[i].prefix)) == 0)
            return SQLSTATES[i].reason;
    }
    return REASON_INTERNAL_ERROR;
}

enum reason sqlstate_reason(const char *sqlstate, const char *constraint, const char **ret_field)
{
    *ret_field = "";
    for (size_t i = 0; constraint != NULL && i < sizeof CONSTRAINTS / sizeof CONSTRAINTS[0]; i++) {
        if (strcmp(constraint, CONSTRAINTS[i].constraint) == 0) {
            *ret_field = CONSTRAINTS[i].field;
            return CONSTRAINTS[i].reason;
        }
    }
    return find_sqlstate(sqlstate);
}

bool sqlstate_needs_new_session(const char *sqlstate, bool writes)
{
    return strcmp(sqlstate, "26000") == 0 ||           /* invalid_sql_statement_name */
           strcmp(sqlstate, "0A000") == 0 ||           /* cached plan must not change result type */
           (writes && strcmp(sqlstate, "25006") == 0); /* read_only_sql_transaction */
}
