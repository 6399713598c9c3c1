#include "io/plans_csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "csv_put.h"
#include "plan_builder.h"
#include "xml_stream.h"

enum { PATH_BYTES = 4096, SECONDS_MAX = 1 << 30 };

static const char header[] =
    "person_id,leg,mode,kind,vehicle,activity,end_time,max_dur,trav_time,start_link_id,end_link_id,link_ids,"
    "line_id,route_id,access_stop_id,egress_stop_id\n";
static const char *const kinds[] = {"drive", "teleport", "unusable"};
static const char *const vehicles[VEHICLE_CLASS_COUNT] = {"car", "lorry", "bus"};

// --- reading ------------------------------------------------------------------------------------------------------

typedef struct plans_table {
    const table *t;
    uint32_t person, leg, mode, kind, vehicle, activity, end_time, max_dur, trav_time, start, end, links;
    uint32_t line, route, access, egress;
} plans_table;

static err_code find_columns(plans_table *p) {
    TRY(table_require(p->t, "person_id", &p->person));
    TRY(table_require(p->t, "leg", &p->leg));
    TRY(table_require(p->t, "mode", &p->mode));
    TRY(table_require(p->t, "kind", &p->kind));
    TRY(table_require(p->t, "link_ids", &p->links));
    TRY(table_require(p->t, "start_link_id", &p->start));
    p->vehicle = table_column(p->t, "vehicle");
    p->activity = table_column(p->t, "activity");
    p->end_time = table_column(p->t, "end_time");
    p->max_dur = table_column(p->t, "max_dur");
    p->trav_time = table_column(p->t, "trav_time");
    p->end = table_column(p->t, "end_link_id");
    p->line = table_column(p->t, "line_id");
    p->route = table_column(p->t, "route_id");
    p->access = table_column(p->t, "access_stop_id");
    p->egress = table_column(p->t, "egress_stop_id");
    return ERR_OK;
}

static err_code read_time(const plans_table *p, uint32_t row, uint32_t col, uint32_t *out) {
    *out = IX_NONE;
    if (!xml_stream_parse_time(table_text(p->t, row, col), out)) {
        return table_fail(p->t, row, col, ERR_FORMAT, "'%.60s' is not a time; write HH:MM:SS, HH:MM or seconds",
                          table_text(p->t, row, col));
    }
    return ERR_OK;
}

static err_code read_name(const plans_table *p, uint32_t row, uint32_t col, const char *const *names, uint8_t count,
                          uint8_t *out) {
    const char *cell = table_text(p->t, row, col);
    for (uint8_t i = 0; i < count; i++) {
        if (strcmp(cell, names[i]) == 0) {
            *out = i;
            return ERR_OK;
        }
    }
    return table_fail(p->t, row, col, ERR_FORMAT, "unknown value '%.40s'; valid: %s, %s%s%s", cell, names[0], names[1],
                      count > 2 ? ", " : "", count > 2 ? names[2] : "");
}

// The links of the route; *unknown when one is not in the network.
static err_code read_links(plan_builder *b, const plans_table *p, uint32_t row, bool *unknown) {
    const char *cell = table_text(p->t, row, p->links);
    size_t room = strlen(cell) + 1;
    char *id = mem_alloc(room);
    err_code code = id != NULL ? ERR_OK : ERR_MEMORY;
    while (code == ERR_OK && *(cell += strspn(cell, " ")) != '\0') {
        size_t length = strcspn(cell, " ");
        memcpy(id, cell, length);
        id[length] = '\0';
        uint32_t link = network_find_link(b->n, id);
        *unknown |= link == IX_NONE;
        code = plan_builder_link(b, link);
        cell += length;
    }
    mem_free(id);
    return code;
}

static uint32_t read_place(const plan_builder *b, const plans_table *p, uint32_t row, uint32_t col, bool *unknown) {
    const char *id = table_text(p->t, row, col);
    uint32_t link = id[0] != '\0' ? network_find_link(b->n, id) : IX_NONE;
    *unknown |= id[0] != '\0' && link == IX_NONE;
    return link;
}

static err_code read_wish(plan_builder *b, const plans_table *p, uint32_t row, const chain_wish **out) {
    chain_wish *wish;
    if (table_is_empty(p->t, row, p->line)) {
        return ERR_OK;
    }
    if (table_is_empty(p->t, row, p->access) || table_is_empty(p->t, row, p->egress)) {
        return table_fail(p->t, row, p->line, ERR_FORMAT, "needs access_stop_id and egress_stop_id beside it");
    }
    ARENA_NEW(b->a, wish, 1);
    wish->line_id = plan_builder_name(b, table_text(p->t, row, p->line));
    wish->route_id = plan_builder_name(b, table_text(p->t, row, p->route));
    wish->access_id = plan_builder_name(b, table_text(p->t, row, p->access));
    wish->egress_id = plan_builder_name(b, table_text(p->t, row, p->egress));
    if (wish->line_id == NULL || wish->route_id == NULL || wish->access_id == NULL || wish->egress_id == NULL) {
        return ERR_MEMORY;
    }
    *out = wish;
    return ERR_OK;
}

// A row is a leg, or, with an empty mode, the last activity of the person.
static err_code read_row(plan_builder *b, const plans_table *p, uint32_t row, uint32_t leg_number) {
    chain_leg leg = {.route_first = (uint32_t)b->route_count};
    int64_t number = 0;
    bool unknown = false;
    TRY(table_i64(p->t, row, p->leg, 1, SECONDS_MAX, &number));
    if (number != leg_number) {
        return table_fail(p->t, row, p->leg, ERR_FORMAT, "leg %lld of person '%.60s' comes where leg %u should",
                          (long long)number, table_text(p->t, row, p->person), leg_number);
    }
    leg.mode = plan_builder_name(b, table_text(p->t, row, p->mode));
    leg.activity = plan_builder_name(b, table_text(p->t, row, p->activity));
    if (leg.mode == NULL || leg.activity == NULL) {
        return ERR_MEMORY;
    }
    if (leg.mode[0] == '\0') {
        b->person[b->person_count - 1].last_activity = leg.activity;
        return ERR_OK;
    }
    TRY(read_name(p, row, p->kind, kinds, sizeof kinds / sizeof *kinds, &leg.kind));
    if (leg.kind == CHAIN_DRIVE) {
        TRY(read_name(p, row, p->vehicle, vehicles, VEHICLE_CLASS_COUNT, &leg.vehicle));
    }
    TRY(read_time(p, row, p->end_time, &leg.end_s));
    TRY(read_time(p, row, p->max_dur, &leg.stay_s));
    TRY(read_time(p, row, p->trav_time, &leg.travel_s));
    leg.travel_s = leg.travel_s == IX_NONE ? 0 : leg.travel_s;
    leg.start_link = read_place(b, p, row, p->start, &unknown);
    leg.end_link = read_place(b, p, row, p->end, &unknown);
    TRY(read_links(b, p, row, &unknown));
    if (leg.kind == CHAIN_TELEPORT) {
        TRY(read_wish(b, p, row, &leg.wish));
    }
    leg.fault = leg.kind == CHAIN_UNUSABLE           ? CHAIN_NO_ROUTE
                : leg.kind == CHAIN_DRIVE && unknown ? CHAIN_UNKNOWN_LINK
                                                     : CHAIN_OK;
    return plan_builder_leg(b, leg, table_line(p->t, row));
}

static err_code read_rows(plan_builder *b, const plans_table *p) {
    uint32_t leg_number = 0;
    for (uint32_t row = 0; row < table_row_count(p->t); row++) {
        const char *id = table_text(p->t, row, p->person);
        if (id[0] == '\0') {
            return table_fail(p->t, row, p->person, ERR_FORMAT, "is empty; every leg needs a person");
        }
        leg_number++;
        if (b->person_count == 0 || strcmp(b->person[b->person_count - 1].id, id) != 0) {
            TRY(plan_builder_person(b, id, table_line(p->t, row)));
            leg_number = 1;
        }
        TRY(read_row(b, p, row, leg_number));
    }
    return ERR_OK;
}

err_code plans_csv_load(const char *path, const network *n, arena *a, chain_plans *out) {
    *out = (chain_plans){0};
    table *t;
    TRY(table_load(path, a, &t));
    plans_table p = {.t = t};
    TRY(find_columns(&p));
    plan_builder b = {.a = a, .n = n, .path = path};
    err_code code = read_rows(&b, &p);
    if (code == ERR_OK) {
        code = plan_builder_finish(&b, out);
    }
    plan_builder_free(&b);
    return code;
}

// --- writing ------------------------------------------------------------------------------------------------------

static void put_link(FILE *f, const network *n, uint32_t link, const char *end) {
    csv_put_text(f, link < n->link.count ? n->link.id[link] : "", end);
}

static void put_leg(FILE *f, const network *n, const chain_plans *plans, uint32_t leg_ix) {
    const chain_leg *leg = &plans->leg[leg_ix];
    bool drives = leg->kind == CHAIN_DRIVE;
    csv_put_text(f, leg->mode, ",");
    fprintf(f, "%s,%s,", kinds[leg->kind], drives ? vehicles[leg->vehicle] : "");
    csv_put_text(f, leg->activity, ",");
    csv_put_time(f, leg->end_s, ",");
    csv_put_time(f, leg->stay_s, ",");
    csv_put_time(f, drives ? IX_NONE : leg->travel_s, ",");
    put_link(f, n, leg->start_link, ",");
    put_link(f, n, leg->end_link, ",");
    for (uint32_t i = 0; i < leg->route_count; i++) {
        put_link(f, n, plans->route_link[leg->route_first + i], i + 1 < leg->route_count ? " " : "");
    }
    const chain_wish none = {"", "", "", ""}, *wish = leg->wish != NULL ? leg->wish : &none;
    fputc(',', f);
    csv_put_text(f, wish->line_id, ",");
    csv_put_text(f, wish->route_id, ",");
    csv_put_text(f, wish->access_id, ",");
    csv_put_text(f, wish->egress_id, "\n");
}

static void put_person(FILE *f, const network *n, const chain_plans *plans, uint32_t person) {
    uint32_t first = plans->leg_first[person], end = plans->leg_first[person + 1];
    for (uint32_t leg = first; leg < end; leg++) {
        csv_put_text(f, plans->person_id[person], ",");
        fprintf(f, "%u,", leg - first + 1);
        put_leg(f, n, plans, leg);
    }
    csv_put_text(f, plans->person_id[person], ",");
    fprintf(f, "%u,,,,", end - first + 1);
    csv_put_text(f, plans->last_activity[person], ",,,,,,,,,,\n");
}

// Ids with blanks or commas cannot stand in a list of links.
static err_code check_ids(const network *n, const chain_plans *plans) {
    for (uint32_t i = 0; i < plans->route_link_count; i++) {
        const char *id = n->link.id[plans->route_link[i]];
        CHECK(strpbrk(id, " ,\"\t\r\n") == NULL, ERR_RANGE,
              "link '%.60s': an id with a blank, comma or quote cannot be written in a route", id);
    }
    return ERR_OK;
}

err_code plans_csv_save(const char *path, const network *n, const chain_plans *plans) {
    char part[PATH_BYTES];
    TRY(check_ids(n, plans));
    CHECK(snprintf(part, sizeof part, "%s.part", path) < (int)sizeof part, ERR_FILE, "%.200s...: the path is too long",
          path);
    FILE *f = fopen(part, "wb");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", part, strerror(errno));
    fputs(header, f);
    for (uint32_t person = 0; person < plans->person_count; person++) {
        put_person(f, n, plans, person);
    }
    bool failed = ferror(f) != 0;
    failed = fclose(f) != 0 || failed;
    if (failed || rename(part, path) != 0) {
        (void)remove(part);
        return err_raise(ERR_FILE, "%s: cannot be written; is the disk full?", path);
    }
    return ERR_OK;
}
