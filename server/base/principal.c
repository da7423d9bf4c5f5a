/* SPDX-License-Identifier: Apache-2.0 */
#include "base/principal.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    enum role role;
} ROLES[] = {
    {"NATIONAL_NODE", ROLE_NATIONAL_NODE},
    {"REGION_NODE", ROLE_REGION_NODE},
    {"DGOS_ANALYST", ROLE_DGOS_ANALYST},
    {"ARS_AGENT", ROLE_ARS_AGENT},
    {"CPTS_COORDINATOR", ROLE_CPTS_COORDINATOR},
    {"OPERATOR", ROLE_OPERATOR},
    {"PUBLIC", ROLE_PUBLIC},
};

uint32_t role_find(const char *name)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if (strcmp(ROLES[i].name, name) == 0)
            return ROLES[i].role;
    }
    return 0;
}

const char *role_name(uint32_t role)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if ((uint32_t)ROLES[i].role == role)
            return ROLES[i].name;
    }
    return NULL;
}
