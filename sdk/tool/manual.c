/* SPDX-License-Identifier: Apache-2.0 */
#include "manual.h"

#include <cpts/client.h>
#include <ctype.h>
#include <string.h>

#include "command_table.h"

/* Everything before the commands. */
static const char HEAD[] =
    ".Sh NAME\n.Nm cptsctl\n.Nd the CPTS federation from the command line\n"
    ".Sh SYNOPSIS\n"
    ".Nm\n.Ar command\n.Op Ar operand ...\n.Op Ar option ...\n"
    ".Nm\n.Cm help\n.Op Ar command\n"
    ".Sh DESCRIPTION\n"
    ".Nm\nreads and changes the registry of CPTS\n"
    "(communautés professionnelles territoriales de santé)\n"
    "that a node of the federation keeps, over gRPC and mutual TLS.\n"
    "Data goes to the standard output, everything else to the standard error.\n"
    "Options stand anywhere, and may be cut short where that leaves no doubt.\n"
    ".Pp\n"
    "Every read is true on a date\n.Pq Fl \\-as-of\n"
    "as it was believed at an instant\n.Pq Fl \\-known-at .\n"
    "Every change carries an id:\n"
    "one that ended with exit status 6 is repeated, with the same\n"
    ".Fl \\-command-id ,\nwithout a second effect.\n";

static const char TAIL[] =
    ".Sh ENVIRONMENT\n"
    ".Bl -tag -width CPTS_PROFILE\n"
    ".It Ev CPTS_PROFILE\nThe profile, without\n.Fl \\-profile .\n"
    ".It Ev CPTS_STATE\nFolder of\n.Pa profile.ini ,\nwithout both.\n"
    ".It Ev NO_COLOR\nNo colours, as with\n.Fl \\-no-color .\n"
    ".El\n"
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /var/lib/cpts/profile.ini\nThe profile that root uses without any of these.\n"
    ".It Pa ~/.local/state/cpts/profile.ini\nThe profile that other users use.\n"
    ".El\n"
    ".Pp\n"
    "A profile says where and as whom to connect;\nits paths start from its folder:\n"
    ".Bd -literal -offset indent\n"
    "[profile]\n"
    "address = 127.0.0.1:4430\n"
    "ca = pki/ca.pem\n"
    "certificate = pki/operator.pem\n"
    "key = pki/operator.key\n"
    ".Ed\n";

static const char END[] = ".Sh SEE ALSO\n.Xr cptsd 8\n";

/* Roff knows the end of a sentence by the end of its line. */
static bool is_new_sentence(const char *text, size_t space, size_t length)
{
    return space > 0 && space + 1 < length && text[space - 1] == '.' &&
           isupper((unsigned char)text[space + 1]);
}

/* Text that roff must not read as its own. */
static void write_text(FILE *stream, const char *text, size_t length)
{
    if (length > 0 && (*text == '.' || *text == '\''))
        fputs("\\&", stream);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", stream);
        else if (text[i] == '-')
            fputs("\\-", stream);
        else if (text[i] == ' ' && is_new_sentence(text, i, length))
            fputc('\n', stream);
        else
            fputc(text[i], stream);
    }
}

static void write_line(FILE *stream, const char *text)
{
    write_text(stream, text, strlen(text));
    fputc('\n', stream);
}

/* An argument of a macro: one word, whatever is in it. */
static void write_argument(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputs("\\(dq", stream);
        else
            write_text(stream, text, 1);
    }
    fputc('"', stream);
}

/* Lines kept as they are. */
static void write_literal(FILE *stream, const char *text)
{
    fputs(".Bd -literal -offset indent\n", stream);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        write_text(stream, text, length);
        fputc('\n', stream);
        text += length;
        text += *text == '\n';
    }
    fputs(".Ed\n", stream);
}

/* Paragraphs with an empty line between them. */
static void write_paragraphs(FILE *stream, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length == 0)
            fputs(".Pp", stream);
        write_text(stream, text, length);
        fputc('\n', stream);
        text += length;
        text += *text == '\n';
    }
}

static void write_option(FILE *stream, const struct option_row *option)
{
    fprintf(stream, ".It Fl \\-%s", option->name);
    if (option->value != NULL) {
        fputs(" Ar ", stream);
        write_argument(stream, option->value);
    }
    fputc('\n', stream);
    write_text(stream, option->help, strlen(option->help));
    fputs(option->repeats ? ", repeatable.\n" : ".\n", stream);
}

static void write_options(FILE *stream, const struct option_row *options, size_t count)
{
    fputs(".Bl -tag -width Ds\n", stream);
    for (size_t i = 0; i < count; i++)
        write_option(stream, &options[i]);
    fputs(".El\n", stream);
}

static void write_forms(FILE *stream, const struct command_row *command)
{
    static const char *const FORMS[] = {"json", "csv", "plain"};
    bool is_first = true;
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        if ((command->forms & (1u << i)) == 0)
            continue;
        fprintf(stream, is_first ? ".Pp\nAlso as\n.Fl \\-%s" : " ,\n.Fl \\-%s", FORMS[i]);
        is_first = false;
    }
    fputs(is_first ? "" : " .\n", stream);
}

static void write_command(FILE *stream, const struct command_row *command)
{
    fprintf(stream, ".Ss %s\n", command->name);
    write_text(stream, command->summary, strlen(command->summary));
    fprintf(stream, ".\n.Pp\n.D1 Nm Cm %s", command->name);
    if (command->operands[0] != '\0') {
        fputs(" Ar ", stream);
        write_argument(stream, command->operands);
    }
    fputs(" Op Ar option ...\n", stream);
    if (command->option_count > 0)
        write_options(stream, command->options, command->option_count);
    write_forms(stream, command);
    if (command->notes != NULL) {
        fputs(".Pp\n", stream);
        write_paragraphs(stream, command->notes);
    }
    write_literal(stream, command->examples);
}

void manual_print(FILE *stream)
{
    fprintf(stream, ".Dd November 22, 2026\n.Dt CPTSCTL 1\n.Os cptsctl %s\n", cpts_version());
    fputs(HEAD, stream);
    fputs(".Sh COMMANDS\n", stream);
    for (size_t i = 0; i < command_count(); i++)
        write_command(stream, command_at(i));
    fputs(".Sh COMMON OPTIONS\n", stream);
    write_options(stream, COMMON_OPTIONS, COMMON_OPTION_COUNT);
    fputs(TAIL, stream);
    fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", stream);
    for (int code = 0; code < EXIT_CODE_COUNT; code++) {
        fprintf(stream, ".It %d\n", code);
        write_line(stream, EXIT_MEANINGS[code]);
    }
    fputs(".El\n", stream);
    fputs(END, stream);
}
