// Measures on links and junctions.
#include <string.h>

#include "world_measures_part.h"

typedef err_code (*link_change)(const scenario_measure *m, world_measures_context *k, uint32_t link);

// Does a link carry this id (exactly, or the reverse of a two-way row) or this street name?
static bool link_is_target(const network *n, uint32_t link, const char *target) {
    const char *id = n->link.id[link];
    size_t length = strlen(target);
    return strcmp(id, target) == 0 || strcmp(n->link.name[link], target) == 0 ||
           (strncmp(id, target, length) == 0 && strcmp(id + length, "-r") == 0);
}

static err_code change_links(const scenario_measure *m, world_measures_context *k, link_change change) {
    const network *n = &k->w->network;
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t hits = 0;
        for (uint32_t e = 0; e < n->link.count; e++) {
            if (link_is_target(n, e, m->target[i])) {
                TRY(change(m, k, e));
                hits++;
            }
        }
        CHECK(hits > 0, ERR_REFERENCE,
              "%s:%d: measure %s names the street or link '%s', which is not in the network; use a name or link_id of "
              "link.csv",
              m->file, m->line, scenario_measure_name(m->kind), m->target[i]);
    }
    return ERR_OK;
}

static err_code set_facility(const scenario_measure *m, world_measures_context *k, uint32_t link) {
    link_columns *t = &k->w->network.link;
    for (int f = 0; f < CYCLE_FACILITY_COUNT; f++) {
        if (strcmp(network_cycle_facility_name((cycle_facility)f), m->text) == 0 &&
            (t->allowed[link] & ALLOW_CYCLE) != 0) {
            t->cycle_facility[link] = (uint8_t)f;
        }
    }
    return ERR_OK;
}

err_code world_measures_cycle_facility(const scenario_measure *m, world_measures_context *k) {
    return change_links(m, k, set_facility);
}

static err_code lower_speed(const scenario_measure *m, world_measures_context *k, uint32_t link) {
    float *speed_mps = &k->w->network.link.free_speed_mps[link];
    if (*speed_mps > (float)(m->value / 3.6)) {
        *speed_mps = (float)(m->value / 3.6);
    }
    return ERR_OK;
}

err_code world_measures_speed_limit(const scenario_measure *m, world_measures_context *k) {
    return change_links(m, k, lower_speed);
}

static err_code close_to_cars(const scenario_measure *m, world_measures_context *k, uint32_t link) {
    (void)m;
    k->w->network.link.allowed[link] &= (uint8_t) ~(ALLOW_CAR | ALLOW_LORRY);
    return ERR_OK;
}

err_code world_measures_close_link(const scenario_measure *m, world_measures_context *k) {
    return change_links(m, k, close_to_cars);
}

static err_code open_one(const scenario_measure *m, world_measures_context *k, uint32_t link) {
    const link_columns *planned = &k->today->network.link;
    CHECK(planned->open_year[link] > k->today->scenario.today_year, ERR_REFERENCE,
          "%s:%d: measure %s opens link '%s', which is open today; give links that open later an open_year in link.csv "
          "(2200 = only when a measure opens it)",
          m->file, m->line, scenario_measure_name(m->kind), planned->id[link]);
    k->w->network.link.allowed[link] = planned->allowed[link];
    return ERR_OK;
}

err_code world_measures_open_link(const scenario_measure *m, world_measures_context *k) {
    return change_links(m, k, open_one);
}

// The road beside a bus lane: no buses there any more, and fewer lanes if the lane was taken from it.
static err_code narrow_road(const scenario_measure *m, world_measures_context *k, uint32_t road) {
    link_columns *t = &k->w->network.link;
    double left = (double)t->lanes[road] - m->value;
    t->allowed[road] &= (uint8_t)~ALLOW_BUS;
    if (m->value > 0.0) {
        CHECK(left > 0.0, ERR_INFEASIBLE,
              "%s:%d: measure bus_lane takes %.6g lanes of link '%s', which has %.6g; take fewer (0 = the lane is new)",
              m->file, m->line, m->value, t->id[road], (double)t->lanes[road]);
        t->capacity_vph[road] *= (float)(left / (double)t->lanes[road]);
        t->lanes[road] = (float)left;
    }
    return ERR_OK;
}

static bool is_beside(const network *n, const network *today, uint32_t road, uint32_t lane) {
    return n->link.from_ix[road] == n->link.from_ix[lane] && n->link.to_ix[road] == n->link.to_ix[lane] &&
           (today->link.allowed[road] & ALLOW_CAR) != 0;
}

// A lane with no speed of its own has its road's.
static err_code open_bus_lane(const scenario_measure *m, world_measures_context *k, uint32_t lane) {
    network *n = &k->w->network;
    const uint8_t allowed = k->today->network.link.allowed[lane];
    uint32_t roads = 0;
    CHECK((allowed & (ALLOW_CAR | ALLOW_LORRY)) == 0 && (allowed & ALLOW_BUS) != 0, ERR_REFERENCE,
          "%s:%d: measure bus_lane names link '%s', which is not for buses alone; draw the lane as a link of its own "
          "beside the road, with allowed_uses bus",
          m->file, m->line, n->link.id[lane]);
    TRY(open_one(m, k, lane));
    for (uint32_t i = n->out_first[n->link.from_ix[lane]]; i < n->out_first[n->link.from_ix[lane] + 1]; i++) {
        uint32_t e = n->out_link[i];
        if (is_beside(n, &k->today->network, e, lane)) {
            TRY(narrow_road(m, k, e));
            n->link.free_speed_mps[lane] =
                n->link.free_speed_mps[lane] > 0 ? n->link.free_speed_mps[lane] : n->link.free_speed_mps[e];
            roads++;
        }
    }
    CHECK(roads > 0, ERR_REFERENCE,
          "%s:%d: measure bus_lane: no road goes beside link '%s'; a bus lane starts and ends at the nodes of its road",
          m->file, m->line, n->link.id[lane]);
    return ERR_OK;
}

err_code world_measures_bus_lane(const scenario_measure *m, world_measures_context *k) {
    return change_links(m, k, open_bus_lane);
}

err_code world_measures_junction(const scenario_measure *m, world_measures_context *k) {
    node_columns *t = &k->w->network.node;
    uint8_t control = CONTROL_NONE;
    for (int c = 0; c <= CONTROL_ROUNDABOUT; c++) {
        control = strcmp(network_control_name((junction_control)c), m->text) == 0 ? (uint8_t)c : control;
    }
    for (uint32_t i = 0; i < m->target_count; i++) {
        uint32_t hits = 0;
        for (uint32_t v = 0; v < t->count; v++) {
            if (strcmp(t->id[v], m->target[i]) == 0 || strcmp(t->name[v], m->target[i]) == 0) {
                t->control[v] = control;
                hits++;
            }
        }
        CHECK(hits > 0, ERR_REFERENCE,
              "%s:%d: measure junction names the node '%s', which is not in the network; use a name or node_id of "
              "node.csv",
              m->file, m->line, m->target[i]);
    }
    return ERR_OK;
}
