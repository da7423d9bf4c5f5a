/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

#define PORT_MAX 65535
#define PORT_BYTES 6

/* One member of a list. */
struct member {
    char host[ADDRESS_NAME_BYTES];
    char port[PORT_BYTES];
};

/* What the members were found to be. */
struct found {
    struct in6_addr addresses[ADDRESS_COUNT_MAX];
    char ports[ADDRESS_COUNT_MAX][PORT_BYTES];
    int count;
    bool has_ipv6;
};

static cpts_status not_an_address(const char *text, struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, "address", "\"%.64s\" is not host:port",
                           text);
}

static cpts_status too_many(struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, "address",
                           "there are more than %d addresses", ADDRESS_COUNT_MAX);
}

static bool read_port(const char *text, char ret_port[PORT_BYTES])
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    long port = strtol(text, &end, 10);
    if (*end != '\0' || port < 1 || port > PORT_MAX)
        return false;
    snprintf(ret_port, PORT_BYTES, "%u", (unsigned)port & PORT_MAX);
    return true;
}

/* `host:port`, or `[ipv6]:port`. */
static bool read_member(const char *text, struct member *ret_member)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || !read_port(colon + 1, ret_member->port))
        return false;
    size_t host_bytes = (size_t)(colon - text);
    if (text[0] == '[' && colon[-1] == ']') {
        text++;
        host_bytes -= 2;
    } else if (memchr(text, ':', host_bytes) != NULL) {
        return false;
    }
    if (host_bytes == 0 || host_bytes >= sizeof ret_member->host)
        return false;
    memcpy(ret_member->host, text, host_bytes);
    ret_member->host[host_bytes] = '\0';
    return true;
}

static bool add(struct found *found, const struct sockaddr *address, const char *port)
{
    if (found->count == ADDRESS_COUNT_MAX)
        return false;
    struct in6_addr *own = &found->addresses[found->count];
    memset(own, 0, sizeof *own);
    if (address->sa_family == AF_INET6) {
        *own = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        found->has_ipv6 = true;
    } else {
        own->s6_addr[10] = own->s6_addr[11] = 0xff;
        memcpy(&own->s6_addr[12], &((const struct sockaddr_in *)(const void *)address)->sin_addr,
               4);
    }
    memcpy(found->ports[found->count++], port, PORT_BYTES);
    return true;
}

static cpts_status look_up(const struct member *member, struct found *found, struct cpts_error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    bool fits = true;
    int failure = getaddrinfo(member->host, NULL, &hints, &list);
    if (failure != 0)
        return error_set(err, REASON_CONNECTION_FAILED, "%s has no address: %s", member->host,
                         gai_strerror(failure));
    for (const struct addrinfo *one = list; one != NULL && fits; one = one->ai_next) {
        if (one->ai_family == AF_INET || one->ai_family == AF_INET6)
            fits = add(found, one->ai_addr, member->port);
    }
    freeaddrinfo(list);
    return fits ? CPTS_OK : too_many(err);
}

/* IPv4 among IPv6 stands as an IPv4-mapped address (RFC 4291, 2.5.5.2). */
static void write_target(const struct found *found, char *target)
{
    char text[INET6_ADDRSTRLEN];
    int used = snprintf(target, ADDRESS_TARGET_BYTES, found->has_ipv6 ? "ipv6:" : "ipv4:");
    for (int i = 0; i < found->count; i++) {
        const struct in6_addr *address = &found->addresses[i];
        if (found->has_ipv6)
            inet_ntop(AF_INET6, address, text, sizeof text);
        else
            inet_ntop(AF_INET, &address->s6_addr[12], text, sizeof text);
        used += snprintf(target + used, (size_t)(ADDRESS_TARGET_BYTES - used),
                         found->has_ipv6 ? "%s[%s]:%s" : "%s%s:%s", i > 0 ? "," : "", text,
                         found->ports[i]);
    }
}
_Static_assert(ADDRESS_COUNT_MAX *(INET6_ADDRSTRLEN + PORT_BYTES + 4) + 8 <= ADDRESS_TARGET_BYTES,
               "the longest list");

/* The name in every certificate of a list: the one host of all, or the
 * caller's wish. */
static cpts_status settle_name(struct address *address, const char host[ADDRESS_NAME_BYTES],
                               struct cpts_error *err)
{
    if (address->server_name[0] == '\0')
        memcpy(address->server_name, host, ADDRESS_NAME_BYTES);
    if (strcmp(address->server_name, host) == 0)
        return CPTS_OK;
    return error_set_field(err, REASON_ARGUMENT_INVALID, "server_name",
                           "several hosts need a name that all their certificates carry");
}

/* Reads all before any is looked up. */
static cpts_status read_members(char *text, struct member members[ADDRESS_COUNT_MAX],
                                int *ret_count, struct cpts_error *err)
{
    char *rest = text;
    *ret_count = 0;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        if (*ret_count == ADDRESS_COUNT_MAX)
            return too_many(err);
        if (!read_member(one, &members[(*ret_count)++]))
            return not_an_address(one, err);
    }
    return CPTS_OK;
}

static cpts_status read_list(char *text, bool is_named, struct address *address,
                             struct cpts_error *err)
{
    struct member members[ADDRESS_COUNT_MAX];
    struct found found = {.count = 0};
    int count = 0;
    cpts_status status = read_members(text, members, &count, err);
    for (int i = 0; i < count && status == CPTS_OK && !is_named; i++)
        status = settle_name(address, members[i].host, err);
    for (int i = 0; i < count && status == CPTS_OK; i++)
        status = look_up(&members[i], &found, err);
    if (status != CPTS_OK)
        return status;
    write_target(&found, address->target);
    address->is_list = true;
    return CPTS_OK;
}

cpts_status cpts_address__read(const char *text, const char *server_name,
                               struct address *ret_address, struct cpts_error *err)
{
    struct member member;
    struct address address = {.is_list = false};
    char own[ADDRESS_COUNT_MAX * ADDRESS_ONE_BYTES_MAX];
    if (text == NULL || strlen(text) >= sizeof own)
        return not_an_address(text == NULL ? "" : text, err);
    if (server_name != NULL && strlen(server_name) >= sizeof address.server_name)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "server_name", "the name is too long");
    if (server_name != NULL)
        snprintf(address.server_name, sizeof address.server_name, "%s", server_name);
    snprintf(own, sizeof own, "%s", text);
    cpts_status status = CPTS_OK;
    if (strchr(own, ',') != NULL)
        status = read_list(own, server_name != NULL, &address, err);
    else if (!read_member(own, &member))
        status = not_an_address(text, err);
    else
        snprintf(address.target, sizeof address.target, "%.*s", ADDRESS_ONE_BYTES_MAX, own);
    if (status == CPTS_OK)
        *ret_address = address;
    return status;
}
