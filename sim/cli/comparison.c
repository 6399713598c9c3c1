#include "comparison.h"

#include <string.h>

#include "io/json.h"
#include "summary.h"

// --- reading ---

static void add_year(comparison *c, int year) {
    uint32_t at = 0;
    while (at < c->year_count && c->year[at] < year) {
        at++;
    }
    if (c->year_count == COMPARISON_YEARS_MAX || (at < c->year_count && c->year[at] == year)) {
        return;
    }
    memmove(c->year + at + 1, c->year + at, (c->year_count - at) * sizeof *c->year);
    c->year[at] = year;
    c->year_count++;
}

err_code comparison_read(const char *const *file, uint32_t count, arena *a, comparison *c) {
    *c = (comparison){.count = count, .file = file};
    ARENA_NEW(a, c->summary, c->count);
    ARENA_NEW(a, c->run, c->count);
    for (uint32_t i = 0; i < c->count; i++) {
        store_summary *s = &c->summary[i];
        TRY(store_read_summary(c->file[i], a, s));
        c->run[i] = (compare_run){.name = c->file[i],
                                  .program_version = s->program_version,
                                  .git_commit = s->git_commit,
                                  .format_version = s->format_version,
                                  .seed = s->seed,
                                  .scale = s->scale,
                                  .confidence = s->confidence,
                                  .converged = summary_converged(s),
                                  .town_hash = s->town_hash,
                                  .today_year = s->today_year,
                                  .year_count = s->year_count,
                                  .year = s->year,
                                  .replications = s->replications,
                                  .indicator = s->indicator};
        for (uint32_t y = 0; y < s->year_count; y++) {
            add_year(c, s->year[y]);
        }
    }
    return compare_check(c->run, c->count, a, &c->warning, &c->warning_count);
}

bool comparison_has(result_indicator i) {
    return i != RESULT_state_hash_low;  // a fingerprint, no quantity
}

double comparison_confidence(const comparison *c) {
    return c->run[0].confidence;
}

// --- JSON ---

static void json_files(FILE *out, const comparison *c) {
    fprintf(out, "{\"base\": ");
    summary_json_text(out, c->file[0]);
    fprintf(out, ", \"confidence\": ");
    json_number(out, comparison_confidence(c));
    fprintf(out, ", \"files\": [");
    for (uint32_t i = 0; i < c->count; i++) {
        const store_summary *s = &c->summary[i];
        fprintf(out, "%s\n  {\"file\": ", i == 0 ? "" : ",");
        summary_json_text(out, c->file[i]);
        fprintf(out, ", \"scenario\": ");
        summary_json_text(out, s->scenario_name);
        fprintf(out, ", \"title\": ");
        summary_json_text(out, s->title);
        fprintf(out, ", \"seed\": %u, \"replications\": %u, \"converged\": %s, \"version\": ", (unsigned)s->seed,
                (unsigned)s->replications, c->run[i].converged ? "true" : "false");
        summary_json_text(out, s->program_version);
        fprintf(out, ", \"commit\": ");
        summary_json_text(out, s->git_commit);
        fprintf(out, ", \"format_version\": ");
        summary_json_text(out, s->format_version);
        fprintf(out, "}");
    }
    fprintf(out, "],\n \"warnings\": [");
    for (uint32_t i = 0; i < c->warning_count; i++) {
        fprintf(out, "%s", i == 0 ? "" : ", ");
        summary_json_text(out, c->warning[i]);
    }
    fprintf(out, "]");
}

static void json_cell(FILE *out, const comparison *c, uint32_t file, int year, result_indicator i, bool first) {
    compare_cell x;
    compare_indicator(&c->run[0], &c->run[file], i, year, comparison_confidence(c), &x);
    fprintf(out, "%s{\"file\": ", first ? "" : ", ");
    summary_json_text(out, c->file[file]);
    fprintf(out, ", \"pairs\": %u", x.pairs);
    json_member(out, "base_mean", x.base_mean);
    json_member(out, "mean", x.mean);
    json_member(out, "difference", x.difference.mean);
    json_member(out, "difference_pct", x.difference_pct);
    json_pair(out, "ci", x.difference.low, x.difference.high);
    json_pair(out, "t_ci", x.difference.t_low, x.difference.t_high);
    json_member(out, "probability_at_or_below_0", x.difference.probability_at_or_below_0);
    fprintf(out, ", \"shown\": \"%s\"}", compare_shown_name(x.shown));
}

static void json_year(FILE *out, const comparison *c, int year) {
    fprintf(out, "{\"year\": %d, \"verdicts\": [", year);
    bool first = true;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t y = compare_find_year(&c->run[i], year);
        if (y != IX_NONE && y > 0) {
            fprintf(out, "%s\n   {\"file\": ", first ? "" : ",");
            summary_json_text(out, c->file[i]);
            fprintf(out, ", ");
            summary_json_verdict(out, &c->summary[i].verdict[y]);
            fprintf(out, "}");
            first = false;
        }
    }
    fprintf(out, "], \"indicators\": {");
    bool base = compare_find_year(&c->run[0], year) != IX_NONE;
    first = true;
    for (int i = 0; base && i < RESULT_INDICATOR_COUNT; i++) {
        if (!comparison_has((result_indicator)i)) {
            continue;
        }
        fprintf(out, "%s\n   \"%s\": {\"unit\": \"%s\", \"differences\": [", first ? "" : ",",
                result_indicator_name((result_indicator)i), result_indicator_unit((result_indicator)i));
        first = false;
        bool first_file = true;
        for (uint32_t file = 1; file < c->count; file++) {
            if (compare_find_year(&c->run[file], year) != IX_NONE) {
                json_cell(out, c, file, year, (result_indicator)i, first_file);
                first_file = false;
            }
        }
        fprintf(out, "]}");
    }
    fprintf(out, "}}");
}

void comparison_json(FILE *out, const comparison *c) {
    json_files(out, c);
    fprintf(out, ",\n \"years\": [");
    for (uint32_t y = 0; y < c->year_count; y++) {
        fprintf(out, "%s\n  ", y == 0 ? "" : ",");
        json_year(out, c, c->year[y]);
    }
    fprintf(out, "]}\n");
}
