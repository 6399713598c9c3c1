// Households, persons, tours and trips as CSV with ActivitySim's column names, and links by year.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv_put.h"
#include "export_internal.h"
#include "world/mode.h"
#include "world/population.h"

enum { FILE_HOUSEHOLDS = 0, FILE_PERSONS, FILE_TOURS, FILE_TRIPS, FILE_LINKS, FILE_COUNT };
static const char *const file_name[FILE_COUNT] = {"households.csv", "persons.csv", "tours.csv", "trips.csv",
                                                  "links.csv"};

// Places by name: where a row's home or workplace lies.
typedef struct place_names {
    uint32_t count, zones;
    const char **id, **zone_id;
    double *zone_ix, *kind;
} place_names;

// A group whose columns are numbers of the same length.
typedef struct rows_of {
    const store_view *v;
    const char *group;
    size_t count;
    arena *a;
} rows_of;

typedef struct household_rows {
    size_t count;
    uint64_t *household;
    double *year, *home_place, *size, *cars, *dwelling, *built_year;
} household_rows;

typedef struct person_rows {
    size_t count;
    uint64_t *person, *household;
    double *year, *home_place, *work_place, *age, *employed, *licence, *season_pass, *cycle, *segment;
} person_rows;

typedef struct trip_rows {
    size_t count;
    uint64_t *person, *household;
    double *year, *segment, *purpose, *origin_place, *destination_place, *departure_s, *arrival_s, *mode, *distance_m,
        *cost_nok, *return_trip;
} trip_rows;

typedef struct tables {
    int year;  // 0 = every year
    double scale;
    place_names place;
    household_rows household;
    person_rows person;
    trip_rows trip;
} tables;

static err_code misfit(const store_view *v, const char *group) {
    return err_raise(ERR_FORMAT, "%s: %s has columns that do not fit together; run the scenario again",
                     store_view_path(v), group);
}

// The first column read says how many rows there are.
static err_code numbers(rows_of *r, const char *name, double **out) {
    char path[64];
    store_shape shape;
    (void)snprintf(path, sizeof path, "%s/%s", r->group, name);
    TRY(store_view_numbers(r->v, path, 1, r->a, &shape, out));
    return shape.count == r->count ? ERR_OK : misfit(r->v, r->group);
}

static err_code ids(rows_of *r, const char *name, uint64_t **out) {
    char path[64];
    size_t count;
    (void)snprintf(path, sizeof path, "%s/%s", r->group, name);
    TRY(store_view_ids(r->v, path, r->a, &count, out));
    r->count = r->count == SIZE_MAX ? count : r->count;
    return count == r->count ? ERR_OK : misfit(r->v, r->group);
}

static err_code read_places(const store_view *v, arena *a, place_names *p) {
    uint32_t rows;
    store_shape zone, kind;
    TRY(store_view_texts(v, "/places/place", a, &p->count, &p->id));
    TRY(store_view_texts(v, "/zones/zone", a, &p->zones, &p->zone_id));
    TRY(store_view_numbers(v, "/places/zone_ix", 1, a, &zone, &p->zone_ix));
    TRY(store_view_numbers(v, "/places/kind", 1, a, &kind, &p->kind));
    rows = p->count;
    return zone.count == rows && kind.count == rows ? ERR_OK : misfit(v, "/places");
}

static err_code read_people(const store_view *v, arena *a, tables *t) {
    rows_of h = {.v = v, .group = "/households", .count = SIZE_MAX, .a = a};
    rows_of p = {.v = v, .group = "/persons", .count = SIZE_MAX, .a = a};
    CHECK(store_view_has(v, "/households") && store_view_has(v, "/persons"), ERR_FORMAT,
          "%s: this results file holds no households and persons (format before 1.2); run the scenario again",
          store_view_path(v));
    TRY(ids(&h, "household", &t->household.household));
    TRY(numbers(&h, "year", &t->household.year));
    TRY(numbers(&h, "home_place", &t->household.home_place));
    TRY(numbers(&h, "size", &t->household.size));
    TRY(numbers(&h, "cars", &t->household.cars));
    TRY(numbers(&h, "dwelling", &t->household.dwelling));
    TRY(numbers(&h, "built_year", &t->household.built_year));
    TRY(ids(&p, "person", &t->person.person));
    TRY(ids(&p, "household", &t->person.household));
    TRY(numbers(&p, "year", &t->person.year));
    TRY(numbers(&p, "home_place", &t->person.home_place));
    TRY(numbers(&p, "work_place", &t->person.work_place));
    TRY(numbers(&p, "age", &t->person.age));
    TRY(numbers(&p, "employed", &t->person.employed));
    TRY(numbers(&p, "licence", &t->person.licence));
    TRY(numbers(&p, "season_pass", &t->person.season_pass));
    TRY(numbers(&p, "cycle", &t->person.cycle));
    TRY(numbers(&p, "segment", &t->person.segment));
    t->household.count = h.count;
    t->person.count = p.count;
    return ERR_OK;
}

static err_code read_trips(const store_view *v, arena *a, trip_rows *t) {
    rows_of r = {.v = v, .group = "/trips", .count = SIZE_MAX, .a = a};
    TRY(ids(&r, "person", &t->person));
    TRY(ids(&r, "household", &t->household));
    TRY(numbers(&r, "year", &t->year));
    TRY(numbers(&r, "segment", &t->segment));
    TRY(numbers(&r, "purpose", &t->purpose));
    TRY(numbers(&r, "origin_place", &t->origin_place));
    TRY(numbers(&r, "destination_place", &t->destination_place));
    TRY(numbers(&r, "departure_s", &t->departure_s));
    TRY(numbers(&r, "arrival_s", &t->arrival_s));
    TRY(numbers(&r, "mode", &t->mode));
    TRY(numbers(&r, "distance_m", &t->distance_m));
    TRY(numbers(&r, "cost_nok", &t->cost_nok));
    TRY(numbers(&r, "return_trip", &t->return_trip));
    t->count = r.count;
    return ERR_OK;
}

// --- cells ------------------------------------------------------------------------------------------------------

static const char *place_id(const place_names *p, double place) {
    return place >= 0 && place < p->count ? p->id[(uint32_t)place] : "";
}

static const char *zone_id(const place_names *p, double place) {
    double zone = place >= 0 && place < p->count ? p->zone_ix[(uint32_t)place] : -1.0;
    return zone >= 0 && zone < p->zones ? p->zone_id[(uint32_t)zone] : "";
}

// A file may hold anything: what is no whole number becomes 0.
static int whole(double value) {
    return value > -2e9 && value < 2e9 ? (int)value : 0;
}

// The word of a small number; "" for numbers that have none.
static const char *word(double value, const char *const *words, int count) {
    return value >= 0 && value < count ? words[whole(value)] : "";
}

static bool wanted(const tables *t, double year) {
    return t->year == 0 || whole(year) == t->year;
}

static const char *mode_word(double m) {
    return m >= 0 && m < MODE_COUNT ? mode_name((mode)whole(m)) : "";
}

static const char *purpose_word(double p) {
    return p >= 0 && p < PURPOSE_COUNT ? purpose_name((purpose)whole(p)) : "";
}

static const char *segment_word(double s) {
    return s >= 0 && s < SEGMENT_COUNT ? segment_name((segment)whole(s)) : "";
}

static void put_number(FILE *f, double value, int decimals, const char *end) {
    if (isfinite(value)) {
        fprintf(f, "%.*f", decimals, value);
    }
    fputs(end, f);
}

static void put_id(FILE *f, uint64_t id, const char *end) {
    fprintf(f, "%llu%s", (unsigned long long)id, end);
}

// Times are IX_NONE where there is none.
static void put_second(FILE *f, double time_s, const char *end) {
    put_number(f, time_s < 0 ? (double)NAN : time_s, 0, end);
}

// ActivitySim counts periods of an hour from midnight here; a day that goes on has 24 and more.
static void put_hour(FILE *f, double time_s, const char *end) {
    put_number(f, time_s < 0 ? (double)NAN : floor(time_s / 3600.0), 0, end);
}

// --- tables -----------------------------------------------------------------------------------------------------

static void put_households(FILE *f, const tables *t) {
    static const char *const dwelling[] = {"detached", "row", "flat"};
    const household_rows *h = &t->household;
    const person_rows *p = &t->person;
    size_t person = 0;  // both tables are in the order of years and households
    fputs(
        "year,household_id,home_zone_id,hhsize,auto_ownership,num_workers,sample_rate,home_place,dwelling,built_year\n",
        f);
    for (size_t i = 0; i < h->count; i++) {
        uint32_t workers = 0;
        while (person < p->count && (p->household[person] != h->household[i] || p->year[person] != h->year[i])) {
            person++;
        }
        for (; person < p->count && p->household[person] == h->household[i] && p->year[person] == h->year[i];
             person++) {
            workers += p->employed[person] > 0 ? 1 : 0;
        }
        if (wanted(t, h->year[i])) {
            fprintf(f, "%d,", whole(h->year[i]));
            put_id(f, h->household[i], ",");
            csv_put_text(f, zone_id(&t->place, h->home_place[i]), ",");
            fprintf(f, "%d,%d,%u,%.10g,", whole(h->size[i]), whole(h->cars[i]), (unsigned)workers, t->scale);
            csv_put_text(f, place_id(&t->place, h->home_place[i]), ",");
            fprintf(f, "%s,%d\n", word(h->dwelling[i], dwelling, 3), whole(h->built_year[i]));
        }
    }
}

static bool is_school(const place_names *p, double place) {
    int kind = place >= 0 && place < p->count ? whole(p->kind[(uint32_t)place]) : -1;
    return kind == PLACE_SCHOOL_PRIMARY || kind == PLACE_SCHOOL_LOWER || kind == PLACE_SCHOOL_UPPER ||
           kind == PLACE_NURSERY;
}

static void put_persons(FILE *f, const tables *t) {
    static const char *const age[AGE_GROUP_COUNT] = {"0-5", "6-15", "16-19", "20-44", "45-66", "67-79", "80+"};
    static const char *const cycle[] = {"none", "bicycle", "e_cycle"};
    static const char *const yes[] = {"False", "True"};
    const person_rows *p = &t->person;
    int number = 0;
    fputs(
        "year,person_id,household_id,PNUM,age_group,is_worker,has_licence,transit_pass_ownership,cycle,home_zone_id,"
        "workplace_zone_id,school_zone_id,segment,home_place,work_place\n",
        f);
    for (size_t i = 0; i < p->count; i++) {
        bool same =
            i > 0 && p->household[i] == p->household[i - 1] && p->household[i] != 0 && p->year[i] == p->year[i - 1];
        bool school = is_school(&t->place, p->work_place[i]);
        number = same ? number + 1 : 1;
        if (wanted(t, p->year[i])) {
            fprintf(f, "%d,", whole(p->year[i]));
            put_id(f, p->person[i], ",");
            put_id(f, p->household[i], ",");
            fprintf(f, "%d,%s,%s,%s,%d,%s,", number, word(p->age[i], age, AGE_GROUP_COUNT), yes[p->employed[i] > 0],
                    yes[p->licence[i] > 0], whole(p->season_pass[i]), word(p->cycle[i], cycle, 3));
            csv_put_text(f, zone_id(&t->place, p->home_place[i]), ",");
            csv_put_text(f, school ? "" : zone_id(&t->place, p->work_place[i]), ",");
            csv_put_text(f, school ? zone_id(&t->place, p->work_place[i]) : "", ",");
            fprintf(f, "%s,", segment_word(p->segment[i]));
            csv_put_text(f, place_id(&t->place, p->home_place[i]), ",");
            csv_put_text(f, place_id(&t->place, p->work_place[i]), "\n");
        }
    }
}

// One past the last trip of the tour that begins with trip `first`: it ends with the trip home.
static size_t tour_end(const trip_rows *t, size_t first) {
    size_t end = first + 1;
    while (end < t->count && !(t->return_trip[end - 1] > 0) && t->person[end] == t->person[first] &&
           t->year[end] == t->year[first]) {
        end++;
    }
    return end;
}

// Trips of the way out.
static size_t outbound_count(const trip_rows *t, size_t first, size_t end) {
    size_t out = 0;
    while (first + out < end && !(t->return_trip[first + out] > 0)) {
        out++;
    }
    return out;
}

static void put_tour(FILE *f, const tables *t, uint64_t tour_id, int number, size_t first, size_t end) {
    const trip_rows *r = &t->trip;
    size_t out = outbound_count(r, first, end);
    size_t there = out == 0 ? first : first + out - 1;  // the trip to the main activity
    double why = r->purpose[first];
    bool mandatory = why == PURPOSE_WORK || why == PURPOSE_SCHOOL;
    fprintf(f, "%d,", whole(r->year[first]));
    put_id(f, tour_id, ",");
    put_id(f, r->person[first], ",");
    put_id(f, r->household[first], ",");
    fprintf(f, "%d,%s,%s,%s,", number, mandatory ? "mandatory" : "non_mandatory", purpose_word(why), purpose_word(why));
    csv_put_text(f, zone_id(&t->place, r->origin_place[first]), ",");
    csv_put_text(f, zone_id(&t->place, r->destination_place[there]), ",");
    put_hour(f, r->departure_s[first], ",");
    put_hour(f, r->arrival_s[end - 1], ",");
    bool done = r->arrival_s[end - 1] >= 0;
    put_number(f, done ? floor(r->arrival_s[end - 1] / 3600.0) - floor(r->departure_s[first] / 3600.0) : (double)NAN, 0,
               ",");
    fprintf(f, "%s,%d,%d,%s,", mode_word(r->mode[first]), (int)(out > 0 ? out - 1 : 0),
            (int)(end - first - out > 0 ? end - first - out - 1 : 0), segment_word(r->segment[first]));
    put_second(f, r->departure_s[first], ",");
    put_second(f, r->arrival_s[end - 1], "\n");
}

static void put_trip(FILE *f, const tables *t, uint64_t tour_id, size_t row, size_t first, size_t end) {
    const trip_rows *r = &t->trip;
    size_t out = outbound_count(r, first, end);
    bool outbound = row < first + out;
    fprintf(f, "%d,", whole(r->year[row]));
    put_id(f, row + 1, ",");
    put_id(f, r->person[row], ",");
    put_id(f, r->household[row], ",");
    put_id(f, tour_id, ",");
    fprintf(f, "%s,%s,", purpose_word(r->purpose[row]),
            row + 1 == end && !outbound ? "home" : purpose_word(r->purpose[row]));
    csv_put_text(f, zone_id(&t->place, r->origin_place[row]), ",");
    csv_put_text(f, zone_id(&t->place, r->destination_place[row]), ",");
    fprintf(f, "%d,%s,%d,", (int)(outbound ? row - first + 1 : row - first - out + 1), outbound ? "True" : "False",
            (int)(outbound ? out : end - first - out));
    put_hour(f, r->departure_s[row], ",");
    fprintf(f, "%s,%s,", mode_word(r->mode[row]), segment_word(r->segment[row]));
    put_second(f, r->departure_s[row], ",");
    put_second(f, r->arrival_s[row], ",");
    put_number(f, r->distance_m[row], 1, ",");
    put_number(f, r->cost_nok[row], 2, ",");
    csv_put_text(f, place_id(&t->place, r->origin_place[row]), ",");
    csv_put_text(f, place_id(&t->place, r->destination_place[row]), "\n");
}

static void put_tours_and_trips(FILE *tours, FILE *trips, const tables *t) {
    const trip_rows *r = &t->trip;
    uint64_t tour_id = 0;
    int number = 0;
    fputs(
        "year,tour_id,person_id,household_id,tour_num,tour_category,tour_type,primary_purpose,origin,destination,start,"
        "end,duration,tour_mode,outbound_stops,inbound_stops,segment,departure_s,arrival_s\n",
        tours);
    fputs(
        "year,trip_id,person_id,household_id,tour_id,primary_purpose,purpose,origin,destination,trip_num,outbound,"
        "trip_count,depart,trip_mode,segment,departure_s,arrival_s,distance_m,cost_nok,origin_place,destination_"
        "place\n",
        trips);
    for (size_t first = 0; first < r->count;) {
        size_t end = tour_end(r, first);
        bool same = first > 0 && r->person[first] == r->person[first - 1] && r->year[first] == r->year[first - 1];
        tour_id++;
        number = same ? number + 1 : 1;
        if (wanted(t, r->year[first])) {
            put_tour(tours, t, tour_id, number, first, end);
            for (size_t row = first; row < end; row++) {
                put_trip(trips, t, tour_id, row, first, end);
            }
        }
        first = end;
    }
}

static void put_geometry(FILE *f, const export_links *l, uint32_t row) {
    fputs("\"LINESTRING (", f);
    for (uint32_t p = l->point_first[row]; p < l->point_first[row + 1]; p++) {
        fprintf(f, "%s%.*f %.*f", p == l->point_first[row] ? "" : ", ", l->local ? 2 : 7, l->xy[2 * (size_t)p],
                l->local ? 2 : 7, l->xy[2 * (size_t)p + 1]);
    }
    fputs(")\"\n", f);
}

static err_code put_links(FILE *f, export_links *l, uint32_t first, uint32_t end) {
    fputs("year,", f);
    for (uint32_t c = 0; c < l->column_count; c++) {
        csv_put_text(f, l->column[c].name, ",");
    }
    fputs("geometry\n", f);
    for (uint32_t y = first; y < end; y++) {
        TRY(export_links_year(l, y));
        for (uint32_t i = 0; i < l->count; i++) {
            fprintf(f, "%d,", store_view_summary(l->v)->year[y]);
            for (uint32_t c = 0; c < l->column_count; c++) {
                if (l->column[c].words != NULL) {
                    csv_put_text(f, l->column[c].words[i], ",");
                } else {
                    put_number(f, l->column[c].number[i], l->column[c].whole ? 0 : 3, ",");
                }
            }
            put_geometry(f, l, i);
        }
    }
    return ERR_OK;
}

static err_code write_all(const tables *t, export_links *l, uint32_t first, uint32_t end, text_file *f) {
    put_households(f[FILE_HOUSEHOLDS].out, t);
    put_persons(f[FILE_PERSONS].out, t);
    put_tours_and_trips(f[FILE_TOURS].out, f[FILE_TRIPS].out, t);
    TRY(put_links(f[FILE_LINKS].out, l, first, end));
    for (int i = 0; i < FILE_COUNT; i++) {
        TRY(text_file_commit(&f[i]));  // under the name of the part: nothing is in place before all are whole
    }
    return ERR_OK;
}

err_code export_csv(const store_view *v, const export_options *o, arena *a) {
    tables t = {.year = o->year, .scale = export_scale(v)};
    export_links l;
    export_files files;
    uint32_t first, end;
    TRY(export_years(v, o, &first, &end));
    TRY(read_places(v, a, &t.place));
    TRY(read_people(v, a, &t));
    TRY(read_trips(v, a, &t.trip));
    TRY(export_links_open(v, a, &l));
    TRY(export_files_open(&files, o, file_name, FILE_COUNT));
    text_file f[FILE_COUNT] = {0};
    err_code code = ERR_OK;
    for (int i = 0; i < FILE_COUNT && code == ERR_OK; i++) {
        code = text_file_open(&f[i], files.part[i]);
    }
    if (code == ERR_OK) {
        code = write_all(&t, &l, first, end, f);
    }
    if (code == ERR_OK) {
        code = export_files_commit(&files);
    }
    for (int i = 0; i < FILE_COUNT; i++) {
        text_file_abandon(&f[i]);
    }
    export_files_abandon(&files);
    return code;
}
