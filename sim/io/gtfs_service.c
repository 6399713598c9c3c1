// The calendar: calendar.txt for the weeks, calendar_dates.txt for single days added or taken out.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gtfs_parts.h"

enum { WINDOW_DAYS = 400, NAMED_MAX = 4, DATE_BYTES = 16, LIST_BYTES = 128 };

// Days since 1970-01-01 of a day of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
static int32_t day_of(int32_t year, int32_t month, int32_t day) {
    year -= month <= 2;
    int32_t era = year / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_of(int32_t days, int32_t *year, int32_t *month, int32_t *day) {
    int32_t z = days + 719468;
    int32_t era = z / 146097;
    int32_t doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

// 0 Monday .. 6 Sunday; 1970-01-01 was a Thursday.
static int weekday_of(int32_t day) {
    return (int)(((day % 7) + 7 + 3) % 7);
}

static bool parse_digits(const char *p, int count, int32_t *out) {
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return false;
        }
        *out = *out * 10 + (p[i] - '0');
    }
    return true;
}

// A real day of the years 1900 to 2199.
static bool make_day(int32_t year, int32_t month, int32_t day, int32_t *out) {
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    int32_t y = 0, m = 0, d = 0;
    *out = day_of(year, month, day);
    date_of(*out, &y, &m, &d);
    return y == year && m == month && d == day;
}

err_code gtfs_service_day(const char *date, int32_t *out) {
    int32_t year = 0, month = 0, day = 0;
    bool good = date != NULL && strlen(date) == 10 && date[4] == '-' && date[7] == '-' &&
                parse_digits(date, 4, &year) && parse_digits(date + 5, 2, &month) && parse_digits(date + 8, 2, &day) &&
                make_day(year, month, day, out);
    CHECK(good, ERR_FORMAT, "the service date '%.40s' is not a day as YYYY-MM-DD", date != NULL ? date : "");
    return ERR_OK;
}

static err_code read_date(const table *t, uint32_t row, uint32_t col, int32_t *out) {
    const char *cell = table_text(t, row, col);
    int32_t year = 0, month = 0, day = 0;
    bool good = strlen(cell) == 8 && parse_digits(cell, 4, &year) && parse_digits(cell + 4, 2, &month) &&
                parse_digits(cell + 6, 2, &day) && make_day(year, month, day, out);
    return good ? ERR_OK : table_fail(t, row, col, ERR_FORMAT, "'%.40s' is not a day as YYYYMMDD", cell);
}

static err_code read_calendar(const table *t, gtfs_service *s) {
    static const char *const names[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    uint32_t id, weekday[7], start, end, reversed = 0;
    TRY(table_require(t, "service_id", &id));
    TRY(table_require(t, "start_date", &start));
    TRY(table_require(t, "end_date", &end));
    for (int d = 0; d < 7; d++) {
        TRY(table_require(t, names[d], &weekday[d]));
    }
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        const char *name = table_text(t, row, id);
        if (name[0] == '\0') {
            return table_fail(t, row, id, ERR_FORMAT, "is empty; every service needs an id");
        }
        if (idmap_put(&s->ids, name, s->count) != IX_NONE) {
            return table_fail(t, row, id, ERR_REFERENCE, "the service id '%.60s' is used twice", name);
        }
        for (int d = 0; d < 7; d++) {
            int64_t runs = 0;
            TRY(table_i64(t, row, weekday[d], 0, 1, &runs));
            s->weekdays[s->count] = (uint8_t)(s->weekdays[s->count] | (runs << d));
        }
        TRY(read_date(t, row, start, &s->first_day[s->count]));
        TRY(read_date(t, row, end, &s->last_day[s->count]));
        reversed += s->last_day[s->count] < s->first_day[s->count] ? 1 : 0;
        s->count++;
    }
    if (reversed > 0) {
        log_warn("%s: %u services end before they start; they never run", table_name(t), reversed);
    }
    return ERR_OK;
}

static int compare_exceptions(const void *left, const void *right) {
    const gtfs_service_exception *a = left, *b = right;
    if (a->service != b->service) {
        return a->service < b->service ? -1 : 1;
    }
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);  // of a day both added and taken out, the last row holds
}

static err_code read_exceptions(const table *t, arena *a, gtfs_service *s) {
    uint32_t id, date, type;
    TRY(table_require(t, "service_id", &id));
    TRY(table_require(t, "date", &date));
    TRY(table_require(t, "exception_type", &type));
    ARENA_NEW(a, s->exception, table_row_count(t));
    for (uint32_t row = 0; row < table_row_count(t); row++) {
        gtfs_service_exception *e = &s->exception[row];
        const char *name = table_text(t, row, id);
        if (name[0] == '\0') {
            return table_fail(t, row, id, ERR_FORMAT, "is empty; every service needs an id");
        }
        e->service = idmap_put(&s->ids, name, s->count);
        if (e->service == IX_NONE) {
            e->service = s->count;
            s->first_day[s->count] = 1;
            s->last_day[s->count] = 0;
            s->count++;
        }
        s->date_row[e->service] = row < s->date_row[e->service] ? row : s->date_row[e->service];
        int64_t kind = 0;
        TRY(read_date(t, row, date, &e->day));
        TRY(table_i64(t, row, type, 1, 2, &kind));
        e->added = kind == 1;
        e->row = row;
    }
    s->exception_count = table_row_count(t);
    if (s->exception_count > 0) {
        qsort(s->exception, s->exception_count, sizeof *s->exception, compare_exceptions);
    }
    return ERR_OK;
}

err_code gtfs_service_load(gtfs_source *src, arena *a, gtfs_service *out) {
    *out = (gtfs_service){0};
    bool weeks = gtfs_source_has(src, "calendar.txt"), days = gtfs_source_has(src, "calendar_dates.txt");
    CHECK(weeks || days, ERR_FILE,
          "%s: has neither calendar.txt nor calendar_dates.txt; one of them must say when trips run",
          gtfs_source_path(src));
    table *calendar = NULL, *dates = NULL;
    uint32_t room = 0;
    if (weeks) {
        TRY(gtfs_source_table(src, "calendar.txt", a, &calendar));
        room += table_row_count(calendar);
    }
    if (days) {
        TRY(gtfs_source_table(src, "calendar_dates.txt", a, &dates));
        room += table_row_count(dates);
    }
    TRY(idmap_init(&out->ids, a, room));
    ARENA_NEW(a, out->weekdays, room);
    ARENA_NEW(a, out->first_day, room);
    ARENA_NEW(a, out->last_day, room);
    ARENA_NEW(a, out->used, room);
    ARENA_NEW(a, out->date_row, room);
    memset(out->date_row, 0xff, room * sizeof *out->date_row);
    out->calendar = calendar;
    out->dates = dates;
    if (calendar != NULL) {
        TRY(read_calendar(calendar, out));
    }
    return dates != NULL ? read_exceptions(dates, a, out) : ERR_OK;
}

static bool runs_by_week(const gtfs_service *s, uint32_t service, int32_t day) {
    return day >= s->first_day[service] && day <= s->last_day[service] &&
           ((s->weekdays[service] >> weekday_of(day)) & 1) != 0;
}

void gtfs_service_active(const gtfs_service *s, int32_t day, uint8_t *active) {
    for (uint32_t i = 0; i < s->count; i++) {
        active[i] = runs_by_week(s, i, day) ? 1 : 0;
    }
    for (uint32_t e = 0; e < s->exception_count; e++) {
        if (s->exception[e].day == day) {
            active[s->exception[e].service] = s->exception[e].added ? 1 : 0;
        }
    }
}

// Is there any day of the service's weeks that its exceptions leave?
static bool runs_ever(const gtfs_service *s, uint32_t service, uint32_t first, uint32_t end) {
    for (uint32_t e = first; e < end; e++) {
        if (s->exception[e].added) {
            return true;
        }
    }
    for (int32_t day = s->first_day[service]; day <= s->last_day[service]; day++) {
        bool out = false;
        for (uint32_t e = first; e < end; e++) {
            out = s->exception[e].day == day ? !s->exception[e].added : out;
        }
        if (!out && runs_by_week(s, service, day)) {
            return true;
        }
    }
    return false;
}

void gtfs_service_warn_never(const gtfs_service *s) {
    uint32_t e = 0, count = 0, first = IX_NONE;
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t from = e;
        while (e < s->exception_count && s->exception[e].service == i) {
            e++;
        }
        if (s->used[i] != 0 && !runs_ever(s, i, from, e)) {
            first = count++ == 0 ? i : first;
        }
    }
    if (count == 0) {
        return;
    }
    bool weekly = s->calendar != NULL && first < table_row_count(s->calendar);
    const table *t = weekly ? s->calendar : s->dates;
    uint32_t row = weekly ? first : s->date_row[first];
    log_warn(
        "%s:%u: the service '%.60s' has trips but never runs (no day of the week between its dates, no day added); "
        "%u in all; give them days or remove their trips",
        table_name(t), table_line(t, row), table_text(t, row, table_column(t, "service_id")), count);
}

static void put_date(int32_t day, char out[DATE_BYTES]) {
    int32_t y = 0, m = 0, d = 0;
    date_of(day, &y, &m, &d);
    snprintf(out, DATE_BYTES, "%04d-%02d-%02d", (int)y % 10000, (int)m % 100, (int)d % 100);
}

// Marks in runs[0 .. 2*WINDOW_DAYS] the days around `day` on which a used service runs.
static void mark_window(const gtfs_service *s, int32_t day, uint8_t *runs) {
    uint32_t e = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        uint8_t one[2 * WINDOW_DAYS + 1] = {0};
        for (int32_t k = 0; s->used[i] != 0 && k <= 2 * WINDOW_DAYS; k++) {
            one[k] = runs_by_week(s, i, day - WINDOW_DAYS + k) ? 1 : 0;
        }
        for (; e < s->exception_count && s->exception[e].service == i; e++) {
            int32_t k = s->exception[e].day - (day - WINDOW_DAYS);
            if (k >= 0 && k <= 2 * WINDOW_DAYS) {
                one[k] = s->exception[e].added ? 1 : 0;
            }
        }
        for (int32_t k = 0; s->used[i] != 0 && k <= 2 * WINDOW_DAYS; k++) {
            runs[k] |= one[k];
        }
    }
}

// First and last day any calendar speaks of.
static bool find_span(const gtfs_service *s, int32_t *first, int32_t *last) {
    bool any = false;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->used[i] != 0 && s->first_day[i] <= s->last_day[i]) {
            *first = !any || s->first_day[i] < *first ? s->first_day[i] : *first;
            *last = !any || s->last_day[i] > *last ? s->last_day[i] : *last;
            any = true;
        }
    }
    for (uint32_t e = 0; e < s->exception_count; e++) {
        if (s->exception[e].added && s->used[s->exception[e].service] != 0) {
            int32_t day = s->exception[e].day;
            *first = !any || day < *first ? day : *first;
            *last = !any || day > *last ? day : *last;
            any = true;
        }
    }
    return any;
}

err_code gtfs_service_fail_empty(const gtfs_service *s, const char *path, const char *date, int32_t day) {
    uint8_t runs[2 * WINDOW_DAYS + 1] = {0};
    int32_t first = 0, last = 0;
    CHECK(find_span(s, &first, &last), ERR_RANGE, "%s: no trip runs on %s, nor on any other day", path, date);
    mark_window(s, day, runs);
    char list[LIST_BYTES] = "", name[DATE_BYTES], from[DATE_BYTES], to[DATE_BYTES];
    int named = 0;
    for (int32_t away = 1; away <= WINDOW_DAYS && named < NAMED_MAX; away++) {
        for (int32_t side = -1; side <= 1 && named < NAMED_MAX; side += 2) {
            if (runs[WINDOW_DAYS + side * away] != 0) {
                put_date(day + side * away, name);
                size_t used = strlen(list);
                snprintf(list + used, sizeof list - used, "%s%s", named > 0 ? ", " : "", name);
                named++;
            }
        }
    }
    put_date(first, from);
    put_date(last, to);
    return err_raise(ERR_RANGE, "%s: no trip runs on %s; trips run between %s and %s%s%s; choose another service_date",
                     path, date, from, to, named > 0 ? ", for example on " : "", list);
}
