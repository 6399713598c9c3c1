#include "loop/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WARNINGS_A_RUN = 10, WARNING_BYTES = 1024, PAIRS_MAX = 10000 };

uint32_t compare_find_year(const compare_run *run, int year) {
    for (uint32_t y = 0; y < run->year_count; y++) {
        if (run->year[y] == year) {
            return y;
        }
    }
    return IX_NONE;
}

static double value_at(const compare_run *r, result_indicator i, uint32_t year_ix, uint32_t replication) {
    return r->indicator[((size_t)i * r->year_count + year_ix) * r->replications + replication];
}

static uint32_t common_replications(const compare_run *a, const compare_run *b) {
    return a->replications < b->replications ? a->replications : b->replications;
}

// --- may they be compared
// ---------------------------------------------------------------------------------------------

static err_code check_refusals(const compare_run *base, const compare_run *r) {
    CHECK(
        r->town_hash == base->town_hash, ERR_INFEASIBLE,
        "%s has other zones than %s: it is another town or another division of it, and differences would mean nothing; "
        "compare runs of one town",
        r->name, base->name);
    CHECK(r->today_year == base->today_year, ERR_INFEASIBLE,
          "%s calls %d today, %s %d: their ceilings are different levels; compare runs with the same today_year",
          r->name, r->today_year, base->name, base->today_year);
    uint32_t common = 0, later = 0;
    for (uint32_t y = 1; y < r->year_count; y++) {
        later++;
        common += compare_find_year(base, r->year[y]) != IX_NONE ? 1 : 0;
    }
    CHECK(common > 0 || later == 0 || base->year_count == 1, ERR_INFEASIBLE,
          "%s and %s have no year after today in common; run one of them again with --years", r->name, base->name);
    return ERR_OK;
}

// Is today the same, replication by replication? Then both verdicts are against the same level.
static bool same_today(const compare_run *a, const compare_run *b) {
    for (uint32_t k = 0; k < common_replications(a, b); k++) {
        double x = value_at(a, RESULT_car_km_sentrum, 0, k), y = value_at(b, RESULT_car_km_sentrum, 0, k);
        if (isfinite(x) && isfinite(y) && x != y) {
            return false;
        }
    }
    return true;
}

static bool same_years(const compare_run *a, const compare_run *b) {
    bool all = true;
    for (uint32_t y = 0; y < a->year_count; y++) {
        all = all && compare_find_year(b, a->year[y]) != IX_NONE;
    }
    return all;
}

typedef struct warnings {
    arena *a;
    const char **text;
    uint32_t count;
    err_code code;
} warnings;

static void warn(warnings *w, const char *fmt, ...) ERR_PRINTF(2, 3);
static void warn(warnings *w, const char *fmt, ...) {
    char line[WARNING_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    w->text[w->count] = arena_text(w->a, line);
    w->code = w->text[w->count] == NULL ? ERR_MEMORY : w->code;
    w->count++;
}

static void warn_of_program(warnings *w, const compare_run *base, const compare_run *r) {
    if (strcmp(r->program_version, base->program_version) != 0) {
        warn(w, "%s was made by vestsim %s, %s by %s: differences may come from the program", r->name,
             r->program_version, base->name, base->program_version);
    } else if (strcmp(r->git_commit, base->git_commit) != 0) {
        warn(w, "%s was made by commit %s, %s by %s: differences may come from the program", r->name, r->git_commit,
             base->name, base->git_commit);
    }
    if (strcmp(r->format_version, base->format_version) != 0) {
        warn(w, "%s has format version %s, %s %s: an indicator that one of them lacks is not compared", r->name,
             r->format_version, base->name, base->format_version);
    }
}

static void warn_of_pairing(warnings *w, const compare_run *base, const compare_run *r) {
    bool one_scale = r->scale == base->scale || isnan(r->scale) || isnan(base->scale);
    if (r->seed != base->seed) {
        warn(w, "%s has seed %u, %s %u: replications share no random draws, so the intervals are valid but wide",
             r->name, r->seed, base->name, base->seed);
    }
    if (!one_scale) {
        warn(w, "%s simulates a share of %.6g, %s %.6g: other people are drawn, so the pairing helps little", r->name,
             r->scale, base->name, base->scale);
    }
    if (r->replications != base->replications) {
        warn(w, "%s has %u replications, %s %u: the first %u are compared", r->name, r->replications, base->name,
             base->replications, common_replications(r, base));
    }
    if (!same_years(r, base) || !same_years(base, r)) {
        warn(w, "%s and %s do not simulate the same years: only those of both are compared", r->name, base->name);
    }
    if (r->seed == base->seed && one_scale && !same_today(base, r)) {
        warn(w, "%s and %s differ today already: their verdicts are against different levels", r->name, base->name);
    }
    if (r->confidence != base->confidence) {
        warn(w, "%s gives its verdict at %.6g %%, %s at %.6g %%: differences are given at the latter", r->name,
             100.0 * r->confidence, base->name, 100.0 * base->confidence);
    }
}

err_code compare_check(const compare_run *run, uint32_t count, arena *a, const char *const **warning,
                       uint32_t *warning_count) {
    warnings w = {.a = a};
    ARENA_NEW(a, w.text, (size_t)count * WARNINGS_A_RUN);
    for (uint32_t i = 1; i < count; i++) {
        TRY(check_refusals(&run[0], &run[i]));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            warn_of_program(&w, &run[0], &run[i]);
            warn_of_pairing(&w, &run[0], &run[i]);
        }
        if (!run[i].converged) {
            warn(&w, "%s did not converge: part of a difference may be that", run[i].name);
        }
    }
    *warning = w.text;
    *warning_count = w.count;
    return w.code;
}

// --- differences
// ------------------------------------------------------------------------------------------------------

static compare_shown judge(const double *difference, const verdict_interval *v) {
    bool equal = v->count > 0;
    for (uint32_t k = 0; k < v->count; k++) {
        equal = equal && difference[k] == 0.0;
    }
    if (equal) {
        return COMPARE_EQUAL;
    }
    if (v->count < VERDICT_PAIRS_MIN) {
        return COMPARE_NOT_SHOWN;
    }
    return v->high < 0.0 ? COMPARE_LOWER : (v->low > 0.0 ? COMPARE_HIGHER : COMPARE_NOT_SHOWN);
}

void compare_indicator(const compare_run *base, const compare_run *other, result_indicator i, int year,
                       double confidence, compare_cell *out) {
    static const double nothing = (double)NAN;
    double difference[PAIRS_MAX];
    uint32_t a = compare_find_year(base, year), b = compare_find_year(other, year);
    uint32_t n = common_replications(base, other);
    n = n < PAIRS_MAX ? n : PAIRS_MAX;
    *out = (compare_cell){.base_mean = nothing, .mean = nothing, .difference_pct = nothing};
    double base_sum = 0.0, sum = 0.0;
    for (uint32_t k = 0; a != IX_NONE && b != IX_NONE && k < n; k++) {
        double x = value_at(base, i, a, k), y = value_at(other, i, b, k);
        difference[k] = y - x;
        base_sum += x;
        sum += y;
        out->pairs = k + 1;
    }
    if (out->pairs == 0 || !isfinite(sum - base_sum)) {
        out->pairs = 0;
        verdict_interval_of(difference, 0, confidence, &out->difference);
        return;
    }
    out->base_mean = base_sum / n;
    out->mean = sum / n;
    verdict_interval_of(difference, n, confidence, &out->difference);
    if (out->base_mean != 0.0) {
        out->difference_pct = 100.0 * out->difference.mean / fabs(out->base_mean);
    }
    out->shown = judge(difference, &out->difference);
}

const char *compare_shown_name(compare_shown s) {
    static const char *const name[] = {"not_shown", "lower", "higher", "equal"};
    return (unsigned)s < sizeof name / sizeof name[0] ? name[s] : "?";
}
