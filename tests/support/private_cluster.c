/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/database.h"

#define GONE_TIMEOUT_MS 20000
#define PATH_BYTES 256

extern char **environ;

/** Runs a program to its end. @return true when it said 0. */
static bool run(char *const arguments[])
{
    pid_t pid;
    int status = -1;
    if (posix_spawnp(&pid, arguments[0], NULL, NULL, arguments, environ) != 0)
        return false;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run_cluster(const char *verb, const char *directory, const char *name)
{
    char script[] = CPTS_SOURCE_DIR "/deploy/cluster";
    char verb_copy[16];
    char directory_copy[128];
    char name_copy[DATABASE_NAME_BYTES];
    snprintf(verb_copy, sizeof verb_copy, "%s", verb);
    snprintf(directory_copy, sizeof directory_copy, "%s", directory);
    snprintf(name_copy, sizeof name_copy, "%s", name == NULL ? "" : name);
    char *arguments[] = {script, verb_copy, directory_copy, name == NULL ? NULL : name_copy, NULL};
    return run(arguments);
}

/** Value of one line NAME=VALUE of DIR/cluster.env. */
static bool read_env(const char *directory, const char *name, char ret_value[PATH_BYTES])
{
    char path[PATH_BYTES];
    char line[PATH_BYTES];
    bool is_found = false;
    snprintf(path, sizeof path, "%s/cluster.env", directory);
    FILE *file = fopen(path, "re");
    while (file != NULL && !is_found && fgets(line, sizeof line, file) != NULL) {
        size_t name_length = strlen(name);
        is_found = strncmp(line, name, name_length) == 0 && line[name_length] == '=';
        line[strcspn(line, "\n")] = '\0';
        if (is_found)
            snprintf(ret_value, PATH_BYTES, "%s", line + name_length + 1);
    }
    if (file != NULL)
        fclose(file);
    return is_found;
}

bool private_cluster_start(struct private_cluster *cluster)
{
    return run_cluster("start", cluster->directory, NULL) && database_reconnect(&cluster->database);
}

bool private_cluster_create(struct private_cluster *cluster)
{
    char socket_directory[PATH_BYTES];
    char port[PATH_BYTES];
    struct database *database = &cluster->database;
    memset(cluster, 0, sizeof *cluster);
    snprintf(cluster->directory, sizeof cluster->directory, "/tmp/cpts-fault-XXXXXX");
    /* The server's own user must pass through it. */
    if (mkdtemp(cluster->directory) == NULL || chmod(cluster->directory, 0755) != 0)
        return false;
    if (!run_cluster("start", cluster->directory, NULL) ||
        !run_cluster("database", cluster->directory, "cpts_fault") ||
        !read_env(cluster->directory, "CPTS_PG_SOCKET", socket_directory) ||
        !read_env(cluster->directory, "CPTS_PG_PORT", port))
        return false;
    snprintf(database->name, sizeof database->name, "cpts_fault");
    snprintf(database->admin_conninfo, sizeof database->admin_conninfo,
             "host='%s' port='%s' user=postgres dbname=%s", socket_directory, port, database->name);
    snprintf(database->app_conninfo, sizeof database->app_conninfo,
             "host='%s' port='%s' user=cpts_app dbname=%s", socket_directory, port, database->name);
    if (!database_reconnect(database))
        return false;
    /* After a crash the server would flush every one of its files by itself. */
    database_execute(database, "ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'");
    return true;
}

bool private_cluster_crash(struct private_cluster *cluster)
{
    char path[PATH_BYTES];
    int pid = 0;
    snprintf(path, sizeof path, "%s/data/postmaster.pid", cluster->directory);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool is_read = fscanf(file, "%d", &pid) == 1 && pid > 1;
    fclose(file);
    int handle = is_read ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (handle < 0 || kill(pid, SIGQUIT) != 0)
        return false;
    struct pollfd gone = {.fd = handle, .events = POLLIN};
    bool is_gone = poll(&gone, 1, GONE_TIMEOUT_MS) == 1;
    close(handle);
    PQfinish(cluster->database.admin);
    cluster->database.admin = NULL;
    return is_gone;
}

void private_cluster_remove(struct private_cluster *cluster)
{
    char remove[] = "rm";
    char flags[] = "-rf";
    char *arguments[] = {remove, flags, cluster->directory, NULL};
    PQfinish(cluster->database.admin);
    if (cluster->directory[0] == '\0')
        return;
    (void)run_cluster("stop", cluster->directory, NULL);
    (void)run(arguments);
}
