/* SPDX-License-Identifier: Apache-2.0 */
#include "support/database.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0')
        fprintf(stderr, "database: %s is not set; run the tests with tests/run\n", name);
    return value == NULL ? "" : value;
}

static PGconn *connect_told(const char *conninfo)
{
    PGconn *pg = PQconnectdb(conninfo);
    if (PQstatus(pg) == CONNECTION_OK)
        return pg;
    fprintf(stderr, "database: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

/** Runs one command in the database postgres. */
static bool run_in_postgres(const char *format, const char *name)
{
    char conninfo[DATABASE_CONNINFO_BYTES];
    char sql[256];
    snprintf(conninfo, sizeof conninfo, "host='%s' port='%s' user=postgres dbname=postgres",
             environment("CPTS_TEST_SOCKET"), environment("CPTS_TEST_PORT"));
    snprintf(sql, sizeof sql, format, name);
    PGconn *pg = connect_told(conninfo);
    if (pg == NULL)
        return false;
    PGresult *result = PQexec(pg, sql);
    bool is_done = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!is_done)
        fprintf(stderr, "database: %s", PQerrorMessage(pg));
    PQclear(result);
    PQfinish(pg);
    return is_done;
}

static void describe(struct database *database, const char *socket, const char *port)
{
    snprintf(database->admin_conninfo, sizeof database->admin_conninfo,
             "host='%s' port='%s' user=postgres dbname=%s", socket, port, database->name);
    snprintf(database->app_conninfo, sizeof database->app_conninfo,
             "host='%s' port='%s' user=cpts_app dbname=%s", socket, port, database->name);
}

bool database_create(struct database *database)
{
    static int count;
    memset(database, 0, sizeof *database);
    snprintf(database->name, sizeof database->name, "cpts_test_%ld_%d", (long)getpid(), count++);
    describe(database, environment("CPTS_TEST_SOCKET"), environment("CPTS_TEST_PORT"));
    if (!run_in_postgres("CREATE DATABASE %s TEMPLATE cpts_template", database->name))
        return false;
    database->admin = connect_told(database->admin_conninfo);
    return database->admin != NULL;
}

void database_drop(struct database *database)
{
    PQfinish(database->admin);
    database->admin = NULL;
    if (database->name[0] != '\0')
        (void)run_in_postgres("DROP DATABASE IF EXISTS %s WITH (FORCE)", database->name);
}

PGconn *database_connect(const struct database *database, bool is_app)
{
    PGconn *pg = connect_told(is_app ? database->app_conninfo : database->admin_conninfo);
    if (pg == NULL)
        exit(1);
    return pg;
}

bool database_reconnect(struct database *database)
{
    if (database->admin != NULL && PQstatus(database->admin) == CONNECTION_OK)
        return true;
    PQfinish(database->admin);
    database->admin = PQconnectdb(database->admin_conninfo);
    return PQstatus(database->admin) == CONNECTION_OK;
}

void database_execute(struct database *database, const char *sql)
{
    PGresult *result = PQexec(database->admin, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "database: %s: %s", sql, PQerrorMessage(database->admin));
        CU_FAIL("a statement of the test failed");
    }
    PQclear(result);
}

int64_t database_number(struct database *database, const char *sql)
{
    int64_t number = INT64_MIN;
    PGresult *result = PQexec(database->admin, sql);
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0) {
        number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    } else {
        fprintf(stderr, "database: %s: %s", sql, PQerrorMessage(database->admin));
        CU_FAIL("a query of the test failed");
    }
    PQclear(result);
    return number;
}
