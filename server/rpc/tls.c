/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/tls.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/tls_pair.h"
#include "wire/error.h"

/* Far above any real chain or set of CAs. */
#define PEM_BYTES_MAX ((size_t)1024 * 1024)

enum pem { PEM_CA, PEM_CERTIFICATE, PEM_KEY, PEM_AUTHORITIES, PEM_COUNT };

struct tls_source {
    char *paths[PEM_COUNT]; /* that of the authorities may be NULL */
    bool is_anonymous;
    pthread_mutex_t mutex;
    /* When the certificate read last expires, seconds since 1970 UTC. */
    int64_t not_after;
    /* Read and not yet fetched by the core. */
    grpc_ssl_server_certificate_config *fresh;
};

static void erase(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

static cpts_status read_stream(FILE *file, const char *path, char *buffer, struct cpts_error *err)
{
    size_t byte_count = fread(buffer, 1, PEM_BYTES_MAX, file);
    if (ferror(file))
        return error_set(err, REASON_CONFIGURATION_INVALID, "cannot read %s: %s", path,
                         strerror(errno));
    buffer[byte_count] = '\0';
    if (byte_count == PEM_BYTES_MAX || strstr(buffer, "-----BEGIN ") == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID, "%s is not a PEM file", path);
    return CPTS_OK;
}

/* The file as one text, to be erased by the caller. */
static cpts_status read_pem(const char *path, char **ret_text, struct cpts_error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID, "cannot open %s: %s", path,
                         strerror(errno));
    cpts_status status;
    /* Unbuffered: stdio would keep a copy of the key in its own memory. */
    setvbuf(file, NULL, _IONBF, 0);
    char *buffer = calloc(1, PEM_BYTES_MAX + 1);
    if (buffer == NULL)
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for %s", path);
    else
        status = read_stream(file, path, buffer, err);
    if (status == CPTS_OK)
        *ret_text = buffer;
    else
        erase(buffer);
    fclose(file);
    return status;
}

/* Puts the authorities behind the chain. */
static cpts_status join_chain(char *texts[PEM_COUNT], struct cpts_error *err)
{
    char *joined = NULL;
    if (texts[PEM_AUTHORITIES] == NULL)
        return CPTS_OK;
    if (asprintf(&joined, "%s\n%s", texts[PEM_CERTIFICATE], texts[PEM_AUTHORITIES]) < 0)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the chain");
    free(texts[PEM_CERTIFICATE]);
    texts[PEM_CERTIFICATE] = joined;
    return CPTS_OK;
}

static cpts_status load(const struct tls_source *source,
                        grpc_ssl_server_certificate_config **ret_config, int64_t *ret_not_after,
                        struct cpts_error *err)
{
    char *texts[PEM_COUNT] = {NULL};
    cpts_status status = CPTS_OK;
    for (int i = 0; i < PEM_COUNT && status == CPTS_OK; i++) {
        if (source->paths[i] != NULL)
            status = read_pem(source->paths[i], &texts[i], err);
    }
    if (status == CPTS_OK)
        status = tls_pair_check(texts[PEM_CA], texts[PEM_CERTIFICATE], texts[PEM_KEY],
                                ret_not_after, err);
    if (status == CPTS_OK)
        status = join_chain(texts, err);
    if (status == CPTS_OK) {
        grpc_ssl_pem_key_cert_pair pair = {texts[PEM_KEY], texts[PEM_CERTIFICATE]};
        *ret_config = grpc_ssl_server_certificate_config_create(texts[PEM_CA], &pair, 1);
    }
    for (int i = 0; i < PEM_COUNT; i++)
        erase(texts[i]);
    return status;
}

static grpc_ssl_certificate_config_reload_status
fetch(void *context, grpc_ssl_server_certificate_config **ret_config)
{
    struct tls_source *source = context;
    pthread_mutex_lock(&source->mutex);
    grpc_ssl_server_certificate_config *fresh = source->fresh;
    source->fresh = NULL;
    pthread_mutex_unlock(&source->mutex);
    if (fresh == NULL)
        return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    *ret_config = fresh;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

static bool copy_paths(struct tls_source *source, const struct tls_paths *paths)
{
    source->paths[PEM_CA] = strdup(paths->ca);
    source->paths[PEM_CERTIFICATE] = strdup(paths->certificate);
    source->paths[PEM_KEY] = strdup(paths->key);
    source->paths[PEM_AUTHORITIES] = paths->authorities == NULL ? NULL : strdup(paths->authorities);
    source->is_anonymous = paths->is_anonymous;
    return source->paths[PEM_CA] != NULL && source->paths[PEM_CERTIFICATE] != NULL &&
           source->paths[PEM_KEY] != NULL &&
           (paths->authorities == NULL || source->paths[PEM_AUTHORITIES] != NULL);
}

cpts_status tls_source_open(const struct tls_paths *paths, struct tls_source **ret_source,
                            struct cpts_error *err)
{
    if (paths->ca == NULL || paths->certificate == NULL || paths->key == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "TLS needs a CA file, a certificate file and a key file");
    struct tls_source *source = calloc(1, sizeof *source);
    if (source == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the TLS files");
    pthread_mutex_init(&source->mutex, NULL);
    cpts_status status;
    if (!copy_paths(source, paths))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for the TLS files");
    else
        status = load(source, &source->fresh, &source->not_after, err);
    if (status == CPTS_OK)
        *ret_source = source;
    else
        tls_source_close(source);
    return status;
}

cpts_status tls_source_reload(struct tls_source *source, struct cpts_error *err)
{
    grpc_ssl_server_certificate_config *config;
    int64_t not_after = 0;
    cpts_status status = load(source, &config, &not_after, err);
    if (status != CPTS_OK)
        return status;
    pthread_mutex_lock(&source->mutex);
    grpc_ssl_server_certificate_config *unused = source->fresh;
    source->fresh = config;
    source->not_after = not_after;
    pthread_mutex_unlock(&source->mutex);
    grpc_ssl_server_certificate_config_destroy(unused);
    return CPTS_OK;
}

int64_t tls_source_not_after(struct tls_source *source)
{
    pthread_mutex_lock(&source->mutex);
    int64_t not_after = source->not_after;
    pthread_mutex_unlock(&source->mutex);
    return not_after;
}

grpc_server_credentials *tls_source_credentials(struct tls_source *source)
{
    grpc_ssl_server_credentials_options *options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            source->is_anonymous ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                 : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
            fetch, source);
    return options == NULL ? NULL : grpc_ssl_server_credentials_create_with_options(options);
}

void tls_source_close(struct tls_source *source)
{
    if (source == NULL)
        return;
    grpc_ssl_server_certificate_config_destroy(source->fresh);
    pthread_mutex_destroy(&source->mutex);
    for (int i = 0; i < PEM_COUNT; i++)
        free(source->paths[i]);
    free(source);
}
