// vestsim check: reads and checks everything a run would, and says what it would run.
#include "case.h"
#include "commands.h"
#include "model/growth.h"

enum { TARGETS_SHOWN = 4 };

// Size of all places inside the municipality of kinds [first, last].
static double size_inside(const zone_system *z, place_kind first, place_kind last) {
    double sum = 0;
    for (uint32_t i = 0; i < z->place.count; i++) {
        place_kind kind = (place_kind)z->place.kind[i];
        if (kind >= first && kind <= last && z->zone.outside[z->place.zone_ix[i]] == 0) {
            sum += (double)z->place.size[i];
        }
    }
    return sum;
}

static void print_network(const network *n) {
    double car_m = 0;
    double active_m = 0;
    uint32_t later = 0;
    for (uint32_t e = 0; e < n->link.count; e++) {
        car_m += (n->link.allowed[e] & ALLOW_CAR) != 0 ? (double)n->link.length_m[e] : 0;
        active_m += (n->link.allowed[e] & ALLOW_CAR) == 0 ? (double)n->link.length_m[e] : 0;
        later += n->link.open_year[e] > 0;
    }
    printf("network      %u nodes, %u directed links: %.1f km for cars, %.1f km without", n->node.count, n->link.count,
           car_m / 1000, active_m / 1000);
    if (later > 0) {
        printf(", %u of them with an opening year", later);
    }
    printf("\n");
}

static void print_zones(const zone_system *z) {
    uint32_t outside = 0;
    for (uint32_t i = 0; i < z->zone.count; i++) {
        outside += z->zone.outside[i] != 0;
    }
    printf("zones        %u inside, %u outside; %u places\n", z->zone.count - outside, outside, z->place.count);
    printf("homes        %.0f: %.0f detached, %.0f row, %.0f flats\n",
           size_inside(z, PLACE_HOME_DETACHED, PLACE_HOME_FLAT),
           size_inside(z, PLACE_HOME_DETACHED, PLACE_HOME_DETACHED), size_inside(z, PLACE_HOME_ROW, PLACE_HOME_ROW),
           size_inside(z, PLACE_HOME_FLAT, PLACE_HOME_FLAT));
    printf("jobs         %.0f\n", size_inside(z, PLACE_WORK, PLACE_WORK));
    printf("pupils       %.0f in school, %.0f in nursery\n", size_inside(z, PLACE_SCHOOL_PRIMARY, PLACE_SCHOOL_UPPER),
           size_inside(z, PLACE_NURSERY, PLACE_NURSERY));
}

static void print_traffic(const zone_system *z) {
    uint32_t sentrum = 0;
    double flow = 0;
    for (uint32_t i = 0; i < z->count_point_count; i++) {
        sentrum += z->count_point[i].sentrum_cordon;
    }
    for (uint32_t i = 0; i < z->flow_count; i++) {
        flow += z->flow[i].weekday_vehicles;
    }
    printf("counts       %u points, %u of them of the sentrum measure\n", z->count_point_count, sentrum);
    printf("fixed flows  %u, %.0f vehicles a weekday\n", z->flow_count, flow);
}

static void print_years(const scenario *s) {
    printf("years        %.0f (today)", s->today_year);
    for (uint32_t i = 0; i < s->year_count; i++) {
        printf(", %d", s->year[i]);
    }
    printf("\nreplications %.0f to %.0f, seed %.0f", s->replications,
           s->replications_max > s->replications ? s->replications_max : s->replications, s->seed);
    if (s->scale < 1) {
        printf(", a sample of %.4g %% of the travellers", 100 * s->scale);
    }
    printf("\n");
}

static void print_programme(const scenario *s) {
    printf("programme    %u entr%s\n", s->programme_count, s->programme_count == 1 ? "y" : "ies");
    for (uint32_t i = 0; i < s->year_count && s->programme_count > 0; i++) {
        uint64_t homes = 0;
        for (uint32_t k = 0; k < s->programme_count; k++) {
            homes += growth_homes_by(&s->programme[k], s->year[i]);
        }
        printf("  %d       %llu new homes stand\n", s->year[i], (unsigned long long)homes);
    }
}

static void print_measures(const scenario *s) {
    printf("measures     %u\n", s->measure_count);
    for (uint32_t i = 0; i < s->measure_count; i++) {
        const scenario_measure *m = &s->measure[i];
        printf("  from %d  %s", m->start_year, scenario_measure_name(m->kind));
        if (m->text != NULL && m->text[0] != '\0') {
            printf(" %s", m->text);
        }
        if (measure_has_value(m->kind)) {
            printf(" %.6g %s", m->value, measure_rule_of(m->kind)->unit);
        }
        for (uint32_t k = 0; k < m->target_count && k < TARGETS_SHOWN; k++) {
            printf("%s%s", k == 0 ? ": " : ", ", m->target[k]);
        }
        if (m->target_count > TARGETS_SHOWN) {
            printf(" and %u more", m->target_count - TARGETS_SHOWN);
        }
        printf("\n");
    }
}

static void print_case(const world_case *c) {
    const scenario *s = &c->scenario;
    printf("%s (%s)\n\n", s->title, s->name);
    print_years(s);
    print_network(&c->network);
    print_zones(&c->zones);
    print_traffic(&c->zones);
    printf("timetable    %u trips at %u stops on %s", c->transit.trip.count, c->transit.stop.count, s->service_date);
    if (c->feed_count > 0) {
        printf("; %u more in measures", c->feed_count);
    }
    printf("\n");
    print_programme(s);
    print_measures(s);
    printf("\nEverything was read and checked: no errors.\n");
}

static err_code cmd_check(const cli_args *args) {
    arena a;
    arena_init(&a);
    case_overrides overrides;
    world_case c;
    err_code code = case_overrides_from(args, &a, &overrides);
    if (code == ERR_OK) {
        code = case_load(args->word[0], &overrides, &a, &c);
    }
    if (code == ERR_OK) {
        print_case(&c);
    }
    arena_free(&a);
    return code;
}

static const cli_option check_options[] = {
    {.name = "years", .value = "Y,Y", .help = "years instead of the scenario's"},
    {.name = "set", .value = "KEY=VALUE", .repeats = true, .help = "override a key of the scenario; may be repeated"},
};

const cli_command cmd_check_command = {
    .name = "check",
    .words = "SCENARIO.yaml",
    .summary = "Read and check a scenario and every file it names, and print what would run. Nothing is simulated.",
    .help = "",
    .option = check_options,
    .option_count = sizeof check_options / sizeof check_options[0],
    .words_min = 1,
    .words_max = 1,
    .run = cmd_check,
};
