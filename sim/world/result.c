#include "world/result.h"

#include <math.h>
#include <string.h>

#include "base/dmath.h"

// Product of sizes; SIZE_MAX when it overflows, which no arena can give.
static size_t result_room(size_t a, size_t b, size_t c, size_t d, size_t e) {
    const size_t factor[5] = {a, b, c, d, e};
    size_t product = 1;
    for (int i = 0; i < 5; i++) {
        if (factor[i] != 0 && product > SIZE_MAX / factor[i]) {
            return SIZE_MAX;
        }
        product *= factor[i];
    }
    return product;
}

static void result_fill_nan_f64(double *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        values[i] = DMATH_NAN;
    }
}

static void result_fill_nan_f32(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        values[i] = NAN;
    }
}

// The reporting areas of the zones inside, each once, in the order of the zones.
static err_code result_list_areas(result *r, arena *a, const zone_system *z) {
    ARENA_NEW(a, r->area, z->zone.count);
    for (uint32_t i = 0; i < z->zone.count; i++) {
        const char *name = z->zone.area[i];
        bool listed = z->zone.outside[i] != 0 || name == NULL || strcmp(name, "outside") == 0;
        for (uint32_t k = 0; k < r->area_count && !listed; k++) {
            listed = strcmp(r->area[k], name) == 0;
        }
        if (!listed) {
            r->area[r->area_count++] = name;
        }
    }
    return ERR_OK;
}

static err_code result_list_years(result *r, arena *a, const scenario *s) {
    r->year_count = s->year_count + 1;
    ARENA_NEW(a, r->year, r->year_count);
    r->year[0] = (int)s->today_year;
    for (uint32_t i = 0; i < s->year_count; i++) {
        r->year[i + 1] = s->year[i];
    }
    return ERR_OK;
}

static err_code result_alloc_counts(result *r, arena *a) {
    size_t years = r->year_count, reps = r->replications_max, links = r->network->link.count;
    size_t points = r->zones->count_point_count;
    ARENA_NEW(a, r->entered_sum, result_room(years, VEHICLE_CLASS_COUNT, RESULT_BINS, links, 1));
    ARENA_NEW(a, r->entered_square, result_room(years, VEHICLE_CLASS_COUNT, RESULT_BINS, links, 1));
    ARENA_NEW(a, r->time_sum_ds, result_room(years, RESULT_BINS, links, 1, 1));
    ARENA_NEW(a, r->cycle_sum, result_room(years, RESULT_BINS, links, 1, 1));
    ARENA_NEW(a, r->foot_sum, result_room(years, RESULT_BINS, links, 1, 1));
    ARENA_NEW(a, r->passenger_sum, result_room(years, RESULT_BINS, links, 1, 1));
    ARENA_NEW(a, r->point_count, result_room(years, reps, RESULT_BINS, points, VEHICLE_CLASS_COUNT));
    ARENA_NEW(a, r->boardings_sum, result_room(years, r->transit->stop.count, 1, 1, 1));
    ARENA_NEW(a, r->alightings_sum, result_room(years, r->transit->stop.count, 1, 1, 1));
    ARENA_NEW(a, r->trip_load_sum, result_room(years, r->transit->trip.count, 1, 1, 1));
    ARENA_NEW(a, r->area_mode_trips, result_room(years, reps, r->area_count, PURPOSE_COUNT, MODE_COUNT));
    return ERR_OK;
}

static err_code result_alloc_series(result *r, arena *a) {
    size_t years = r->year_count, reps = r->replications_max, iterations = r->iterations_max;
    size_t indicators = result_room(RESULT_INDICATOR_COUNT, years, reps, 1, 1);
    size_t rows = result_room(years, reps, iterations, 1, 1);
    size_t shares = result_room(years, reps, iterations, MODE_COUNT, 1);
    ARENA_NEW(a, r->indicator, indicators);
    ARENA_NEW(a, r->iteration_gap_pct, rows);
    ARENA_NEW(a, r->iteration_share, shares);
    ARENA_NEW(a, r->iteration_stuck, rows);
    ARENA_NEW(a, r->converged, result_room(years, reps, 1, 1, 1));
    ARENA_NEW(a, r->verdict, years);
    result_fill_nan_f64(r->indicator, indicators);
    result_fill_nan_f32(r->iteration_gap_pct, rows);
    result_fill_nan_f32(r->iteration_share, shares);
    result_fill_nan_f32(r->iteration_stuck, rows);
    return ERR_OK;
}

err_code result_alloc(result *r, arena *a, const scenario *s, const network *n, const zone_system *z,
                      const transit *t) {
    double reps = s->replications > s->replications_max ? s->replications : s->replications_max;
    CHECK(reps >= 1 && reps <= 1e6 && s->iterations_max >= 1 && s->iterations_max <= RESULT_ITERATIONS_MAX, ERR_RANGE,
          "%.12g replications of %.12g iterations cannot be kept; 1 to 1000 of each can", reps, s->iterations_max);
    *r = (result){.scenario = s, .network = n, .zones = z, .transit = t, .program_version = "", .git_commit = ""};
    r->replications_max = (uint32_t)reps;
    r->iterations_max = (uint32_t)s->iterations_max;
    TRY(result_list_years(r, a, s));
    TRY(result_list_areas(r, a, z));
    TRY(result_alloc_counts(r, a));
    return result_alloc_series(r, a);
}

double *result_indicator_at(const result *r, result_indicator i, uint32_t year_ix, uint32_t replication) {
    ASSERT((unsigned)i < RESULT_INDICATOR_COUNT && year_ix < r->year_count && replication < r->replications_max);
    return &r->indicator[((size_t)i * r->year_count + year_ix) * r->replications_max + replication];
}

typedef struct result_indicator_text {
    const char *name;
    const char *unit;
    const char *doc;
} result_indicator_text;

static const result_indicator_text *result_text_of(result_indicator i) {
    static const result_indicator_text texts[RESULT_INDICATOR_COUNT] = {
#define X(name, unit, doc) {#name, unit, doc},
        RESULT_INDICATORS(X)
#undef X
    };
    static const result_indicator_text unknown = {"?", "1", "?"};
    return (unsigned)i < RESULT_INDICATOR_COUNT ? &texts[i] : &unknown;
}

const char *result_indicator_name(result_indicator i) {
    return result_text_of(i)->name;
}

const char *result_indicator_unit(result_indicator i) {
    return result_text_of(i)->unit;
}

const char *result_indicator_doc(result_indicator i) {
    return result_text_of(i)->doc;
}

double result_indicator_mean(const result *r, result_indicator i, uint32_t year_ix) {
    double sum = 0;
    for (uint32_t k = 0; k < r->replications; k++) {
        sum += *result_indicator_at(r, i, year_ix, k);
    }
    return r->replications == 0 ? DMATH_NAN : sum / r->replications;
}

bool result_all_converged(const result *r) {
    for (uint32_t y = 0; y < r->year_count; y++) {
        for (uint32_t k = 0; k < r->replications; k++) {
            if (!r->converged[(size_t)y * r->replications_max + k]) {
                return false;
            }
        }
    }
    return r->replications > 0;
}

// A table's rows copied into room for `capacity`.
#define RESULT_GROW(type, name, unit, doc)                                \
    ARENA_NEW(a_, t_->name, n_);                                          \
    if (f_->count > 0) {                                                  \
        memcpy(t_->name, f_->name, (size_t)f_->count * sizeof *t_->name); \
    }
#define RESULT_RESERVE(function, type, TABLE)                      \
    static err_code function(type *rows, arena *a_, uint32_t n_) { \
        type larger = {.count = rows->count, .capacity = n_};      \
        const type *f_ = rows;                                     \
        type *t_ = &larger;                                        \
        if (n_ > rows->capacity) {                                 \
            TABLE(RESULT_GROW)                                     \
            *rows = larger;                                        \
        }                                                          \
        return ERR_OK;                                             \
    }
RESULT_RESERVE(result_grow_trips, result_trip_columns, RESULT_TRIP_COLUMNS)
RESULT_RESERVE(result_grow_households, result_household_columns, RESULT_HOUSEHOLD_COLUMNS)
RESULT_RESERVE(result_grow_persons, result_person_columns, RESULT_PERSON_COLUMNS)
#undef RESULT_RESERVE
#undef RESULT_GROW

err_code result_reserve_trips(result *r, arena *a, uint32_t capacity) {
    return result_grow_trips(&r->trip, a, capacity);
}

err_code result_reserve_people(result *r, arena *a, uint32_t households, uint32_t persons) {
    TRY(result_grow_households(&r->household, a, households));
    return result_grow_persons(&r->person, a, persons);
}

// --- hash ---------------------------------------------------------------------------------------------------------

static uint64_t result_hash_text(uint64_t h, const char *value) {
    return hash_bytes(h, value, strlen(value) + 1);
}

// The first `used` of every `room` entries of `width` doubles or floats.
static uint64_t result_hash_f64(uint64_t h, const double *values, size_t groups, size_t room, size_t used,
                                size_t width) {
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < used * width; i++) {
            h = hash_f64(h, values[g * room * width + i]);
        }
    }
    return h;
}

static uint64_t result_hash_f32(uint64_t h, const float *values, size_t groups, size_t room, size_t used,
                                size_t width) {
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < used * width; i++) {
            h = hash_f64(h, (double)values[g * room * width + i]);
        }
    }
    return h;
}

static uint64_t result_hash_counts(uint64_t h, const result *r) {
    size_t years = r->year_count, links = r->network->link.count, used = r->replications;
    size_t by_class = years * VEHICLE_CLASS_COUNT * RESULT_BINS * links, by_bin = years * RESULT_BINS * links;
    h = hash_bytes(h, r->entered_sum, by_class * sizeof *r->entered_sum);
    h = hash_bytes(h, r->entered_square, by_class * sizeof *r->entered_square);
    h = hash_bytes(h, r->time_sum_ds, by_bin * sizeof *r->time_sum_ds);
    h = hash_bytes(h, r->cycle_sum, by_bin * sizeof *r->cycle_sum);
    h = hash_bytes(h, r->foot_sum, by_bin * sizeof *r->foot_sum);
    h = hash_bytes(h, r->passenger_sum, by_bin * sizeof *r->passenger_sum);
    h = hash_bytes(h, r->boardings_sum, years * r->transit->stop.count * sizeof *r->boardings_sum);
    h = hash_bytes(h, r->alightings_sum, years * r->transit->stop.count * sizeof *r->alightings_sum);
    h = hash_bytes(h, r->trip_load_sum, years * r->transit->trip.count * sizeof *r->trip_load_sum);
    size_t width = (size_t)RESULT_BINS * r->zones->count_point_count * VEHICLE_CLASS_COUNT;
    for (size_t y = 0; y < years; y++) {
        h = hash_bytes(h, r->point_count + y * r->replications_max * width, used * width * sizeof *r->point_count);
    }
    return h;
}

static uint64_t result_hash_verdicts(uint64_t h, const result *r) {
    for (uint32_t y = 1; y < r->year_count; y++) {
        const result_verdict *v = &r->verdict[y];
        h = hash_f64(hash_f64(hash_f64(h, v->index_pct), v->low_pct), v->high_pct);
        h = hash_f64(hash_f64(hash_f64(h, v->t_low_pct), v->t_high_pct), v->probability_at_or_below);
        h = hash_u64(hash_u64(hash_u64(h, (uint64_t)v->code), v->replications), v->replications_to_settle);
        h = result_hash_text(result_hash_text(h, v->sentence_nb), v->sentence_en);
        for (int m = 0; m < RESULT_MEASURE_COUNT; m++) {
            const result_measure *c = &v->measure[m];
            h = hash_f64(hash_f64(hash_f64(h, c->change_pct), c->low_pct), c->high_pct);
            h = hash_f64(hash_f64(hash_f64(h, c->t_low_pct), c->t_high_pct), c->probability_at_or_below);
            h = hash_u64(h, (uint64_t)c->code);
        }
        for (int i = 0; i < 2; i++) {
            const result_point_index *c = &v->point_index[i];
            h = hash_u64(hash_f64(hash_f64(hash_f64(h, c->index_pct), c->low_pct), c->high_pct), c->points);
            h = hash_f64(hash_f64(hash_f64(h, c->sd_pct), c->se_pct), c->n_effective);
        }
        h = result_hash_text(h, v->sentence_index_nb);
    }
    return h;
}

uint64_t result_hash(const result *r) {
    size_t years = r->year_count, room = r->replications_max, used = r->replications;
    uint64_t h = hash_u64(hash_u64(HASH_SEED, years), used);
    for (size_t y = 0; y < years; y++) {
        h = hash_u64(h, (uint64_t)r->year[y]);
        for (size_t k = 0; k < used; k++) {
            h = hash_u64(h, r->converged[y * room + k] ? 1 : 0);
        }
    }
    for (uint32_t i = 0; i < r->area_count; i++) {
        h = result_hash_text(h, r->area[i]);
    }
    h = result_hash_f64(h, r->indicator, RESULT_INDICATOR_COUNT * years, room, used, 1);
    h = result_hash_f64(h, r->area_mode_trips, years, room, used, (size_t)r->area_count * PURPOSE_COUNT * MODE_COUNT);
    h = result_hash_f32(h, r->iteration_gap_pct, years, room, used, r->iterations_max);
    h = result_hash_f32(h, r->iteration_share, years, room, used, (size_t)r->iterations_max * MODE_COUNT);
    h = result_hash_f32(h, r->iteration_stuck, years, room, used, r->iterations_max);
    h = result_hash_counts(h, r);
    column trips[COLUMN_COUNT(RESULT_TRIP_COLUMNS)];
    result_describe_trips(r, trips);
    h = column_hash(h, trips, COLUMN_COUNT(RESULT_TRIP_COLUMNS), r->trip.count);
    column households[COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS)];
    result_describe_households(r, households);
    h = column_hash(h, households, COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS), r->household.count);
    column persons[COLUMN_COUNT(RESULT_PERSON_COLUMNS)];
    result_describe_persons(r, persons);
    h = column_hash(h, persons, COLUMN_COUNT(RESULT_PERSON_COLUMNS), r->person.count);
    return hash_finish(result_hash_verdicts(h, r));
}

result_indicator result_measure_indicator(result_measure_ix m) {
    static const result_indicator indicator[RESULT_MEASURE_COUNT] = {
#define X(name) RESULT_##name,
        RESULT_MEASURES(X)
#undef X
    };
    ASSERT((unsigned)m < RESULT_MEASURE_COUNT);
    return indicator[m];
}

const char *result_verdict_name(verdict_code code) {
    switch (code) {
        case VERDICT_HOLDS:
            return "holds";
        case VERDICT_EXCEEDS:
            return "exceeds";
        case VERDICT_NOT_SHOWN:
            return "not_shown";
    }
    return "?";
}

void result_describe_trips(const result *r, column out[COLUMN_COUNT(RESULT_TRIP_COLUMNS)]) {
    const result_trip_columns *t_ = &r->trip;
    const column all[] = {COLUMN_DESCRIBE(RESULT_TRIP_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void result_describe_households(const result *r, column out[COLUMN_COUNT(RESULT_HOUSEHOLD_COLUMNS)]) {
    const result_household_columns *t_ = &r->household;
    const column all[] = {COLUMN_DESCRIBE(RESULT_HOUSEHOLD_COLUMNS)};
    memcpy(out, all, sizeof all);
}

void result_describe_persons(const result *r, column out[COLUMN_COUNT(RESULT_PERSON_COLUMNS)]) {
    const result_person_columns *t_ = &r->person;
    const column all[] = {COLUMN_DESCRIBE(RESULT_PERSON_COLUMNS)};
    memcpy(out, all, sizeof all);
}
