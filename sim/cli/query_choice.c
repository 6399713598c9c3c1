#include "query_choice.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/par.h"
#include "io/choice_table.h"
#include "summary.h"

enum { PATH_BYTES = 4096 };

typedef struct job {
    choice_model model;
    choice_table *table;
    const char *path;       // of the probabilities; NULL = none wanted
    char part[PATH_BYTES];  // written first, then renamed: no half file
    FILE *out;
    bool utilities;
} job;

// --- probabilities ------------------------------------------------------------------------------------------------

static void write_header(const job *j) {
    const choice_model *m = &j->model;
    fprintf(j->out, "line%s%s%s,logsum", m->id_column != NULL ? ",id" : "", m->choice_column != NULL ? ",chosen" : "",
            m->weight_column != NULL ? ",weight" : "");
    for (int i = 0; i < m->tree.alternative_count; i++) {
        fprintf(j->out, ",p_%s", m->name[i]);
    }
    for (int i = 0; j->utilities && i < m->tree.alternative_count; i++) {
        fprintf(j->out, ",v_%s", m->name[i]);
    }
    fputc('\n', j->out);
}

// A cell, quoted where RFC 4180 asks for it.
static void write_cell(FILE *out, const char *given) {
    bool quote = strpbrk(given, ",\"\r\n") != NULL;
    fputs(quote ? "\"" : "", out);
    for (const char *c = given; *c != '\0'; c++) {
        fputs(*c == '"' ? "\"" : "", out);
        fputc(*c, out);
    }
    fputs(quote ? "\"" : "", out);
}

static void write_row(const job *j, const choice_rows *r, uint32_t row) {
    const choice_model *m = &j->model;
    size_t first = (size_t)row * (size_t)m->tree.alternative_count;
    fprintf(j->out, "%u", (unsigned)r->line[row]);
    if (m->id_column != NULL) {
        fputc(',', j->out);
        write_cell(j->out, r->id[row]);
    }
    if (m->choice_column != NULL) {
        fprintf(j->out, ",%s", m->name[r->chosen[row]]);
    }
    if (m->weight_column != NULL) {
        fprintf(j->out, ",%.12g", r->weight[row]);
    }
    fprintf(j->out, ",%.12g", r->logsum[row]);
    for (int i = 0; i < m->tree.alternative_count; i++) {
        fprintf(j->out, ",%.12g", r->probability[first + (size_t)i]);
    }
    for (int i = 0; j->utilities && i < m->tree.alternative_count; i++) {
        double v = r->utility[first + (size_t)i];
        fputc(',', j->out);
        if (v > -HUGE_VAL) {
            fprintf(j->out, "%.12g", v);
        }
    }
    fputc('\n', j->out);
}

static err_code open_output(job *j) {
    int length = snprintf(j->part, sizeof j->part, "%s.part", j->path);
    CHECK(length > 0 && (size_t)length < sizeof j->part, ERR_FILE, "%.200s...: the path is too long", j->path);
    j->out = fopen(j->part, "wb");
    CHECK(j->out != NULL, ERR_FILE, "%s: cannot be written: %s", j->path, strerror(errno));
    write_header(j);
    return ERR_OK;
}

// Renames the finished file, or takes it away after an error.
static err_code close_output(job *j, err_code code) {
    if (j->out == NULL) {
        return code;
    }
    bool failed = ferror(j->out) != 0;
    failed = fclose(j->out) != 0 || failed;
    if (code == ERR_OK && (failed || rename(j->part, j->path) != 0)) {
        code = err_raise(ERR_FILE, "%s: cannot be written completely; is the disk full?", j->path);
    }
    if (code != ERR_OK) {
        (void)unlink(j->part);
    }
    return code;
}

static err_code evaluate(job *j) {
    choice_rows r;
    do {
        TRY(log_check_interrupt());
        TRY(choice_table_next(j->table, &r));
        for (uint32_t row = 0; j->out != NULL && row < r.count; row++) {
            write_row(j, &r, row);
        }
        CHECK(j->out == NULL || ferror(j->out) == 0, ERR_FILE, "%s: cannot be written completely; is the disk full?",
              j->path);
    } while (r.count > 0);
    return ERR_OK;
}

// --- totals -------------------------------------------------------------------------------------------------------

static void print_text(const job *j) {
    const choice_model *m = &j->model;
    const choice_totals *s = choice_table_totals(j->table);
    if (m->title[0] != '\0') {
        printf("%s\n", m->title);
    }
    printf("observations         %14llu\n", (unsigned long long)s->observations);
    if (m->weight_column != NULL) {
        printf("sum of weights       %14.6f\n", s->weight);
    }
    printf("null log-likelihood  %14.6f\n", s->null_log_likelihood);
    if (m->choice_column != NULL) {
        printf("log-likelihood       %14.6f\n", s->log_likelihood);
        if (s->null_log_likelihood < 0.0) {
            printf("rho-squared          %14.6f\n", 1.0 - s->log_likelihood / s->null_log_likelihood);
        }
    }
    bool observed = m->choice_column != NULL;
    printf("\n%-20s  available%s  predicted\n", "share", observed ? "     chosen" : "");
    for (int i = 0; i < m->tree.alternative_count; i++) {
        printf("%-20s %10.6f", m->name[i], s->available[i] / s->weight);
        if (observed) {
            printf(" %10.6f", s->chosen[i] / s->weight);
        }
        printf(" %10.6f\n", s->probability[i] / s->weight);
    }
}

static void print_json(const job *j) {
    const choice_model *m = &j->model;
    const choice_totals *s = choice_table_totals(j->table);
    printf("{\"title\": ");
    summary_json_text(stdout, m->title);
    printf(", \"observations\": %llu, \"weight\": %.15g, \"null_log_likelihood\": %.15g",
           (unsigned long long)s->observations, s->weight, s->null_log_likelihood);
    if (m->choice_column != NULL) {
        printf(", \"log_likelihood\": %.15g", s->log_likelihood);
        if (s->null_log_likelihood < 0.0) {
            printf(", \"rho_squared\": %.15g", 1.0 - s->log_likelihood / s->null_log_likelihood);
        }
    }
    printf(", \"alternatives\": [");
    for (int i = 0; i < m->tree.alternative_count; i++) {
        printf("%s{\"name\": ", i > 0 ? ", " : "");
        summary_json_text(stdout, m->name[i]);
        printf(", \"available_share\": %.15g", s->available[i] / s->weight);
        if (m->choice_column != NULL) {
            printf(", \"chosen_share\": %.15g", s->chosen[i] / s->weight);
        }
        printf(", \"predicted_share\": %.15g}", s->probability[i] / s->weight);
    }
    printf("]}\n");
}

// --- command ------------------------------------------------------------------------------------------------------

static err_code run(const cli_args *args, job *j, arena *a) {
    TRY(choice_model_load(options_value(args, "model"), a, &j->model));
    err_code code = choice_table_open(args->word[1], &j->model, a, &j->table);
    if (code == ERR_OK && j->path != NULL) {
        code = open_output(j);
    }
    if (code == ERR_OK) {
        code = evaluate(j);
    }
    return close_output(j, code);
}

err_code query_choice(const cli_args *args) {
    static const char *const of_routes[] = {"from", "to", "depart", "batch", "nok-per-km", "nok-per-h"};
    bool json = false;
    int64_t threads = 0;
    job j = {.path = options_value(args, "output"), .utilities = options_given(args, "utilities")};
    for (size_t i = 0; i < sizeof of_routes / sizeof of_routes[0]; i++) {
        CHECK(!options_given(args, of_routes[i]), ERR_USAGE, "--%s is not for query choice; leave it out",
              of_routes[i]);
    }
    CHECK(options_given(args, "model"), ERR_USAGE, "--model MODEL.yaml is missing: the choice model");
    CHECK(!j.utilities || j.path != NULL, ERR_USAGE, "--utilities needs -o: utilities are columns of that file");
    TRY(options_format(args, &json));
    TRY(options_integer(args, "threads", 1, 1024, &threads));
    par_set_threads((int)threads);
    arena a;
    arena_init(&a);
    err_code code = run(args, &j, &a);
    if (code == ERR_OK) {
        (json ? print_json : print_text)(&j);
    }
    choice_table_close(j.table);
    arena_free(&a);
    return code;
}
