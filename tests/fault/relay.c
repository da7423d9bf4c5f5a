/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/relay.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINKS_MAX 16
#define PORT "5432"

/** One session: the lane's end and PostgreSQL's. */
struct link {
    int client;
    int server;
    bool is_muted;
};

struct relay {
    char directory[64];
    struct sockaddr_un own;
    struct sockaddr_un target;
    int listener;
    /** Says that a flag below changed. */
    int event;
    pthread_t thread;
    atomic_bool mutes;
    atomic_bool cuts;
    atomic_bool stops;
    /** Requests carried out, for relay_cut() to wait for its own. */
    atomic_int cuts_done;
    struct link links[LINKS_MAX];
    int link_count;
};

static void drop_link(struct relay *relay, int index)
{
    close(relay->links[index].client);
    close(relay->links[index].server);
    relay->links[index] = relay->links[--relay->link_count];
}

static void accept_link(struct relay *relay)
{
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_linked =
        client >= 0 && relay->link_count < LINKS_MAX &&
        connect(server, (const struct sockaddr *)&relay->target, sizeof relay->target) == 0;
    if (is_linked) {
        relay->links[relay->link_count++] = (struct link){.client = client, .server = server};
        return;
    }
    close(client);
    close(server);
}

/** Passes on what @p from has. @return false when the link is over. */
static bool pass(int from, int to, bool is_muted)
{
    char bytes[16384];
    ssize_t count = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count <= 0)
        return count < 0;
    for (ssize_t sent = 0; !is_muted && sent < count;) {
        ssize_t more = send(to, bytes + sent, (size_t)(count - sent), MSG_NOSIGNAL);
        if (more < 0)
            return false;
        sent += more;
    }
    return true;
}

static void obey(struct relay *relay)
{
    uint64_t ignored;
    (void)!read(relay->event, &ignored, sizeof ignored);
    for (int i = 0; atomic_load(&relay->mutes) && i < relay->link_count; i++)
        relay->links[i].is_muted = true;
    atomic_store(&relay->mutes, false);
    if (atomic_exchange(&relay->cuts, false)) {
        while (relay->link_count > 0)
            drop_link(relay, 0);
        atomic_fetch_add(&relay->cuts_done, 1);
    }
}

static void serve_links(struct relay *relay, const struct pollfd *descriptors)
{
    for (int i = relay->link_count - 1; i >= 0; i--) {
        struct link *link = &relay->links[i];
        bool is_alive = true;
        if (descriptors[2 * i].revents != 0)
            is_alive = pass(link->client, link->server, false);
        if (is_alive && descriptors[2 * i + 1].revents != 0)
            is_alive = pass(link->server, link->client, link->is_muted);
        if (!is_alive)
            drop_link(relay, i);
    }
}

static void *relay_run(void *argument)
{
    struct relay *relay = argument;
    while (!atomic_load(&relay->stops)) {
        struct pollfd descriptors[2 * LINKS_MAX + 2];
        int count = 2 * relay->link_count;
        for (int i = 0; i < relay->link_count; i++) {
            descriptors[2 * i] = (struct pollfd){.fd = relay->links[i].client, .events = POLLIN};
            descriptors[2 * i + 1] =
                (struct pollfd){.fd = relay->links[i].server, .events = POLLIN};
        }
        descriptors[count] = (struct pollfd){.fd = relay->listener, .events = POLLIN};
        descriptors[count + 1] = (struct pollfd){.fd = relay->event, .events = POLLIN};
        if (poll(descriptors, (nfds_t)count + 2, -1) < 0)
            continue;
        bool has_order = descriptors[count + 1].revents != 0;
        bool has_caller = descriptors[count].revents != 0;
        serve_links(relay, descriptors);
        if (has_order)
            obey(relay);
        if (has_caller)
            accept_link(relay);
    }
    while (relay->link_count > 0)
        drop_link(relay, 0);
    return NULL;
}

/** Host and port of a conninfo, as libpq reads it, make the socket's path. */
static bool find_target(const struct database *database, struct sockaddr_un *ret_target)
{
    const char *host = PQhost(database->admin);
    const char *port = PQport(database->admin);
    *ret_target = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(ret_target->sun_path, sizeof ret_target->sun_path, "%s/.s.PGSQL.%s", host, port);
    return length > 0 && (size_t)length < sizeof ret_target->sun_path;
}

static bool start_listening(struct relay *relay)
{
    snprintf(relay->directory, sizeof relay->directory, "/tmp/cpts-relay-XXXXXX");
    if (mkdtemp(relay->directory) == NULL)
        return false;
    relay->own.sun_family = AF_UNIX;
    snprintf(relay->own.sun_path, sizeof relay->own.sun_path, "%s/.s.PGSQL." PORT,
             relay->directory);
    relay->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    relay->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return bind(relay->listener, (const struct sockaddr *)&relay->own, sizeof relay->own) == 0 &&
           listen(relay->listener, LINKS_MAX) == 0;
}

struct relay *relay_start(const struct database *database,
                          char ret_conninfo[DATABASE_CONNINFO_BYTES])
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL || !find_target(database, &relay->target) || !start_listening(relay) ||
        pthread_create(&relay->thread, NULL, relay_run, relay) != 0) {
        perror("relay");
        free(relay);
        return NULL;
    }
    snprintf(ret_conninfo, DATABASE_CONNINFO_BYTES,
             "host='%s' port=" PORT " user=cpts_app dbname=%s", relay->directory, database->name);
    return relay;
}

void relay_mute(struct relay *relay)
{
    atomic_store(&relay->mutes, true);
    (void)eventfd_write(relay->event, 1);
}

void relay_cut(struct relay *relay)
{
    int before = atomic_load(&relay->cuts_done);
    atomic_store(&relay->cuts, true);
    (void)eventfd_write(relay->event, 1);
    while (atomic_load(&relay->cuts_done) == before)
        (void)poll(NULL, 0, 1);
}

void relay_stop(struct relay *relay)
{
    if (relay == NULL)
        return;
    atomic_store(&relay->stops, true);
    (void)eventfd_write(relay->event, 1);
    pthread_join(relay->thread, NULL);
    close(relay->listener);
    close(relay->event);
    unlink(relay->own.sun_path);
    rmdir(relay->directory);
    free(relay);
}
