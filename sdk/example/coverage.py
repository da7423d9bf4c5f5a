#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far from 1000 CPTS? libcpts from Python, by its ABI (Debian's python3-cffi).

  coverage.py HOST:PORT CA.pem CERTIFICATE.pem KEY.pem [YYYY-MM-DD]
"""
import json
import sys

import cffi

# From cpts/status.h, cpts/client.h and cpts/coverage.h. A struct that the
# caller fills may end early: its size says where.
ffi = cffi.FFI()
ffi.cdef("""
struct cpts_error {
    int status;
    char reason[64], message[256], field[96], detail[256];
    bool retryable;
    int32_t retry_after_ms;
};
typedef struct cpts_client cpts_client;
struct cpts_client_options {
    size_t size;
    const char *address, *ca_file, *certificate_file, *key_file;
};
struct cpts_coverage_query {
    size_t size;
    const char *region, *department, *as_of;
};
struct cpts_coverage;
int cpts_client_open(const struct cpts_client_options *, cpts_client **, struct cpts_error *);
int cpts_client_close(cpts_client *, int32_t deadline_ms);
int cpts_coverage_get(cpts_client *, const struct cpts_coverage_query *, int32_t timeout_ms,
                      struct cpts_coverage **, struct cpts_error *);
char *cpts_coverage_json(const struct cpts_coverage *, int indent_spaces);
void cpts_coverage_free(struct cpts_coverage *);
void cpts_string_free(char *);
""")
cpts = ffi.dlopen("libcpts.so.0")
error = ffi.new("struct cpts_error *")


def check(status):
    if status != 0:
        reason, message = (ffi.string(text).decode() for text in (error.reason, error.message))
        sys.exit(f"{reason}: {message}")


def get_coverage(client, as_of):
    query = ffi.new("struct cpts_coverage_query *")
    date = ffi.new("char[]", as_of.encode()) if as_of else ffi.NULL
    query.size, query.as_of = ffi.sizeof("struct cpts_coverage_query"), date
    coverage = ffi.new("struct cpts_coverage **")
    check(cpts.cpts_coverage_get(client, query, 0, coverage, error))
    text = cpts.cpts_coverage_json(coverage[0], 0)
    cpts.cpts_coverage_free(coverage[0])
    answer = json.loads(ffi.string(text))
    cpts.cpts_string_free(text)
    return answer


def main(address, ca, certificate, key, as_of=None):
    texts = [ffi.new("char[]", text.encode()) for text in (address, ca, certificate, key)]
    options = ffi.new("struct cpts_client_options *",
                      [ffi.sizeof("struct cpts_client_options"), *texts])
    client = ffi.new("cpts_client **")
    check(cpts.cpts_client_open(options, client, error))
    try:
        answer = get_coverage(client[0], as_of)
    finally:
        cpts.cpts_client_close(client[0], 0)
    print(f"{answer['asOf']}: {answer['projectCount']} CPTS of {answer['targetCount']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
