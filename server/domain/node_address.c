/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/node_address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DIGITS_MAX 5
#define PORT_MAX 65535
#define OCTETS 4
#define OCTET_MAX 255
#define OCTET_DIGITS_MAX 3
#define REGION_BYTES_MIN 2
#define REGION_BYTES_MAX 3
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_port(const char *text)
{
    size_t length = strlen(text);
    return length >= 1 && length <= PORT_DIGITS_MAX && strspn(text, DIGITS) == length &&
           text[0] != '0' && strtol(text, NULL, 10) <= PORT_MAX;
}

/* A name of labels that neither begin nor end with a dash. */
static bool is_name(const char *host)
{
    if (strspn(host, LETTERS DIGITS ".-") != strlen(host))
        return false;
    for (const char *at = host; *at != '\0'; at++) {
        bool is_edge = at == host || at[-1] == '.' || at[1] == '.' || at[1] == '\0';
        if ((is_edge && *at == '-') ||
            (*at == '.' && (at == host || at[1] == '.' || at[1] == '\0')))
            return false;
    }
    return true;
}

/* Four numbers up to 255, between dots. */
static bool is_ipv4(const char *host)
{
    int count = 0;
    for (const char *at = host;; at++) {
        char *end = NULL;
        if (!isdigit((unsigned char)*at) || (*at == '0' && isdigit((unsigned char)at[1])))
            return false;
        if (strtol(at, &end, 10) > OCTET_MAX || end - at > OCTET_DIGITS_MAX)
            return false;
        count++;
        if (*end != '.')
            return *end == '\0' && count == OCTETS;
        at = end;
    }
}

/* As far as its letters go; whoever signs for it reads it in full. */
static bool is_ipv6(const char *host)
{
    return strspn(host, DIGITS "abcdefABCDEF:.") == strlen(host) && strchr(host, ':') != NULL;
}

bool node_address_split(const char *text, char ret_host[NODE_HOST_BYTES], bool *ret_is_ip)
{
    char host[NODE_HOST_BYTES];
    const char *colon = strrchr(text, ':');
    bool is_bracketed = text[0] == '[';
    const char *begin = text + is_bracketed;
    const char *end = colon == NULL ? text : colon - is_bracketed;
    if (colon == NULL || end <= begin || (size_t)(end - begin) >= sizeof host ||
        !is_port(colon + 1) || (is_bracketed && *end != ']'))
        return false;
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = '\0';
    bool is_ip = is_bracketed ? is_ipv6(host) : is_ipv4(host);
    if (!is_ip && (is_bracketed || !is_name(host) || isdigit((unsigned char)end[-1])))
        return false;
    memcpy(ret_host, host, sizeof host);
    *ret_is_ip = is_ip;
    return true;
}

const char *node_name_region(const char *name)
{
    static const char REGION[] = "region/";
    if (strncmp(name, REGION, sizeof REGION - 1) != 0)
        return NULL;
    const char *code = name + sizeof REGION - 1;
    size_t length = strlen(code);
    bool is_code = length >= REGION_BYTES_MIN && length <= REGION_BYTES_MAX &&
                   strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS) == length;
    return is_code ? code : NULL;
}
