/* SPDX-License-Identifier: Apache-2.0 */
#include "pem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

static cpts_status refuse(const char *path, const char *option, const char *why,
                          struct cpts_error *err)
{
    cpts_status status =
        error_set_field(err, REASON_CONFIGURATION_INVALID, option, "%s: %s", path, why);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%s", path);
    return status;
}

static char *read_stream(FILE *stream)
{
    char *text = malloc(PEM_FILE_BYTES_MAX + 1);
    if (text == NULL)
        return NULL;
    size_t length = fread(text, 1, PEM_FILE_BYTES_MAX, stream);
    text[length] = '\0';
    return text;
}

static cpts_status read_file(const char *path, const char *option, char **ret_text,
                             struct cpts_error *err)
{
    if (path == NULL || path[0] == '\0')
        return error_set_field(err, REASON_CONFIGURATION_INVALID, option, "%s is not given",
                               option);
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return refuse(path, option, strerror(errno), err);
    char *text = read_stream(stream);
    fclose(stream);
    if (text == NULL || strstr(text, "-----BEGIN ") == NULL) {
        free(text);
        return refuse(path, option, "not a PEM file", err);
    }
    *ret_text = text;
    return CPTS_OK;
}

cpts_status cpts_pem__read(const struct cpts_client_options *options, struct pem_files *ret_files,
                           struct cpts_error *err)
{
    struct pem_files files = {0};
    cpts_status status = read_file(options->ca_file, "ca_file", &files.ca, err);
    if (status == CPTS_OK && !options->is_newcomer)
        status = read_file(options->certificate_file, "certificate_file", &files.certificate, err);
    if (status == CPTS_OK && !options->is_newcomer)
        status = read_file(options->key_file, "key_file", &files.key, err);
    if (status == CPTS_OK)
        *ret_files = files;
    else
        cpts_pem__done(&files);
    return status;
}

void cpts_pem__done(struct pem_files *files)
{
    if (files->key != NULL)
        explicit_bzero(files->key, strlen(files->key));
    free(files->ca);
    free(files->certificate);
    free(files->key);
    memset(files, 0, sizeof *files);
}
