// The program: finds the command, runs it, prints its one error message, gives the exit status.
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "commands.h"
#include "io/store.h"
#include "reference.h"

static const cli_command *const commands[] = {&cmd_run_command,     &cmd_check_command,   &cmd_show_command,
                                              &cmd_compare_command, &cmd_ceiling_command, &cmd_report_command,
                                              &cmd_export_command,  &cmd_query_command,   &cmd_import_command,
                                              &cmd_assign_command,  &cmd_mobsim_command};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

#define ABOUT                                                                                                   \
    "vestsim simulates the traffic and mode choice of a growing town, person by person, and says whether car\n" \
    "traffic in its centre stays at or below today's level."
#define EXITS "0 ok, 1 wrong command line, 2 bad input or file, 3 not converged, 4 internal error, 130 interrupted."

static const char about[] = ABOUT
    "\n\n"
    "usage: vestsim COMMAND ... [options]\n"
    "\n"
    "commands:\n";

static const char about_end[] =
    "\n"
    "vestsim COMMAND --help explains a command; vestsim --version prints the version.\n"
    "Results go to standard output, messages to standard error.\n"
    "vestsim help --man DIR writes manual pages; vestsim help --bash prints completion for bash.\n"
    "Exit: " EXITS "\n";

// The first signal asks the loops to stop at the next good moment; the second ends at once. Either way no half file
// stays behind.
static void on_signal(int number) {
    static volatile sig_atomic_t asked;
    (void)number;
    if (asked) {
        store_abandon();
        _exit(130);
    }
    asked = 1;
    log_request_interrupt();
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGXFSZ, &ignore, NULL);  // a file size limit is then an ordinary failed write
}

static void print_about(FILE *out) {
    fputs(about, out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-7s %s\n  %-7s   %s\n", commands[i]->name, commands[i]->words, "", commands[i]->summary);
    }
    fputs(about_end, out);
}

static err_code find_command(const char *name, const cli_command **out) {
    const char *known[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        known[i] = commands[i]->name;
        if (strcmp(name, known[i]) == 0) {
            *out = commands[i];
            return ERR_OK;
        }
    }
    const char *close = options_suggest(name, known, COMMAND_COUNT);
    return err_raise(ERR_USAGE, "unknown %s '%.60s'%s%s%s; see: vestsim --help", name[0] == '-' ? "option" : "command",
                     name, close == NULL ? "" : ", did you mean ", close == NULL ? "" : close,
                     close == NULL ? "" : "?");
}

static err_code run_command(int argc, char **argv) {
    const cli_command *command = NULL;
    TRY(find_command(argv[1], &command));
    cli_args args;
    TRY(options_parse(command, argc, argv, 2, &args));
    if (args.help) {
        options_print_help(stdout, command);
        return ERR_OK;
    }
    return command->run(&args);
}

// `vestsim help`, `vestsim help COMMAND`, and the manual and completion made from the table of commands.
static err_code help(int argc, char **argv) {
    const cli_command *command = NULL;
    if (argc < 3) {
        print_about(stdout);
        return ERR_OK;
    }
    const reference r = {.count = COMMAND_COUNT, .command = commands, .about = ABOUT, .exit = EXITS};
    if (strcmp(argv[2], "--man") == 0) {
        CHECK(argc == 4 && argv[3][0] != '\0', ERR_USAGE, "--man needs a folder: vestsim help --man DIR");
        return reference_write_man(&r, argv[3]);
    }
    if (strcmp(argv[2], "--bash") == 0) {
        CHECK(argc == 3, ERR_USAGE, "--bash takes no value: vestsim help --bash");
        reference_print_bash(&r, stdout);
        return ERR_OK;
    }
    TRY(find_command(argv[2], &command));
    options_print_help(stdout, command);
    return ERR_OK;
}

static err_code dispatch(int argc, char **argv) {
    CHECK(argc >= 2, ERR_USAGE, "no command given; see: vestsim --help");
    const char *first = argv[1];
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0) {
        return help(strcmp(first, "help") == 0 ? argc : 2, argv);
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        printf("vestsim %s (%s)\n", VESTSIM_VERSION, VESTSIM_GIT);
        return ERR_OK;
    }
    return run_command(argc, argv);
}

int main(int argc, char **argv) {
    catch_signals();
    err_code code = dispatch(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && (code == ERR_OK || code == ERR_NOT_CONVERGED)) {
        code = err_raise(ERR_FILE, "standard output cannot be written; is the disk full?");
    }
    if (code != ERR_OK) {
        log_progress_end();
        fprintf(stderr, "vestsim: error: %s\n", err_message());
    }
    return err_exit_status(code);
}
