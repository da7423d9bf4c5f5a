/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_DOCTOR_H
#define TOOL_DOCTOR_H

/**
 * @file
 * What cptsctl doctor checks, and what it finds. A check that needs what an
 * earlier one did not find is left out.
 *
 * Threads: one thread at a time.
 */

#include <cpts/node.h>

#include "session.h"

#define DOCTOR_FINDING_BYTES 512
#define DOCTOR_ADDRESS_MAX 16
#define DOCTOR_HOST_BYTES 256

enum doctor_grade { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_SKIP };

/** What is known so far, one bit each. */
enum doctor_fact {
    FACT_PROFILE = 1,
    FACT_CA = 2,
    FACT_CERTIFICATE = 4,
    FACT_KEY = 8,
    /** At least one address answers. */
    FACT_REACHED = 16,
    /** At least one handshake succeeded. */
    FACT_TLS = 32,
    FACT_STATUS = 64
};

struct doctor_check {
    const char *name;
    enum doctor_grade grade;
    char finding[DOCTOR_FINDING_BYTES];
    /** What to do about it, static; NULL = nothing. */
    const char *advice;
    /** An enum exit_code, when the check has failed. */
    int exit_code;
};

/** One server of the profile's address. */
struct doctor_address {
    char host[DOCTOR_HOST_BYTES];
    char port[8];
    bool is_reached;
};

struct doctor {
    struct session *session;
    const struct arguments *arguments;
    unsigned facts;
    struct doctor_address addresses[DOCTOR_ADDRESS_MAX];
    int address_count;
    /** Owned. */
    struct cpts_node_status *status;
    /** Our clock before and after the node was asked, microseconds since 1970. */
    int64_t asked_us;
    int64_t answered_us;
};

/** Sets what a check found; a worse grade stays. */
__attribute__((format(printf, 4, 5))) void doctor_find(struct doctor_check *check,
                                                       enum doctor_grade grade, const char *advice,
                                                       const char *format, ...);
/** Whole days from now until @p instant_s (since 1970 UTC), and the grade of a
 * certificate that then expires. */
enum doctor_grade doctor_days_left(int64_t instant_s, int64_t *ret_days);

/* The checks. */
void doctor_profile(struct doctor *doctor, struct doctor_check *check);
void doctor_ca(struct doctor *doctor, struct doctor_check *check);
void doctor_certificate(struct doctor *doctor, struct doctor_check *check);
void doctor_key(struct doctor *doctor, struct doctor_check *check);
void doctor_address(struct doctor *doctor, struct doctor_check *check);
void doctor_tls(struct doctor *doctor, struct doctor_check *check);
void doctor_health(struct doctor *doctor, struct doctor_check *check);
void doctor_node(struct doctor *doctor, struct doctor_check *check);
void doctor_identity(struct doctor *doctor, struct doctor_check *check);
void doctor_clock(struct doctor *doctor, struct doctor_check *check);
void doctor_server_certificate(struct doctor *doctor, struct doctor_check *check);
void doctor_database(struct doctor *doctor, struct doctor_check *check);
void doctor_reference(struct doctor *doctor, struct doctor_check *check);
void doctor_log(struct doctor *doctor, struct doctor_check *check);

#endif
