// Paths of pairs of zones, and Newton steps of flow between them.
#include <string.h>

#include "assign_part.h"

// Flow below this share of the pair's volume is no use keeping on a path of its own.
static const double flow_share_min = 1e-13;

void assign_paths_free(assign_paths *p) {
    mem_free(p->pair_first);
    mem_free(p->link_first);
    mem_free(p->link);
    mem_free(p->flow);
    *p = (assign_paths){0};
}

void assign_paths_clear(assign_paths *p) {
    p->pair_count = p->path_count = 0;
}

err_code assign_paths_next_pair(assign_paths *p, uint32_t pair_capacity) {
    if (p->pair_first == NULL) {
        p->pair_first = mem_alloc(((size_t)pair_capacity + 1) * sizeof *p->pair_first);
        if (p->pair_first == NULL) {
            return ERR_MEMORY;
        }
    }
    ASSERT(p->pair_count < pair_capacity);
    p->pair_first[++p->pair_count] = p->path_count;
    return ERR_OK;
}

static err_code paths_grow(void *array, size_t old_count, size_t new_count, size_t bytes) {
    void *old = NULL;
    memcpy(&old, array, sizeof old);
    void *grown = mem_grow(old, old_count * bytes, new_count * bytes);
    if (grown == NULL) {
        return ERR_MEMORY;
    }
    memcpy(array, &grown, sizeof grown);
    return ERR_OK;
}

err_code assign_paths_add(assign_paths *p, const uint32_t *link, uint32_t count, double flow) {
    if (p->path_count == p->path_room) {
        uint32_t room = p->path_room == 0 ? 1024 : 2 * p->path_room;
        TRY(paths_grow(&p->flow, p->path_room, room, sizeof *p->flow));
        TRY(paths_grow(&p->link_first, p->path_room == 0 ? 0 : (size_t)p->path_room + 1, (size_t)room + 1,
                       sizeof *p->link_first));
        p->path_room = room;
    }
    uint32_t at = p->link_first[p->path_count];
    CHECK(at <= UINT32_MAX / 4, ERR_RANGE, "more than a thousand million links on all paths together");
    if (at + count > p->link_room) {
        uint32_t room = 2 * (at + count) + 4096;
        TRY(paths_grow(&p->link, p->link_room, room, sizeof *p->link));
        p->link_room = room;
    }
    memcpy(p->link + at, link, count * sizeof *link);
    p->flow[p->path_count++] = flow;
    p->link_first[p->path_count] = at + count;
    p->pair_first[p->pair_count] = p->path_count;
    return ERR_OK;
}

double assign_path_cost(const assign_state *s, const assign_paths *p, uint32_t path) {
    double cost = 0;
    for (uint32_t i = p->link_first[path]; i < p->link_first[path + 1]; i++) {
        cost += s->cost[p->link[i]];
    }
    return cost;
}

static void state_update(assign_state *s, uint32_t link) {
    s->cost[link] = volume_delay_time(s->delay, link, s->flow[link]) + s->delay->fixed_min[link];
    s->slope[link] = volume_delay_slope(s->delay, link, s->flow[link]);
}

void assign_state_load(assign_state *s, const assign_paths *p) {
    memset(s->flow, 0, s->delay->count * sizeof *s->flow);
    for (uint32_t path = 0; path < p->path_count; path++) {
        for (uint32_t i = p->link_first[path]; i < p->link_first[path + 1]; i++) {
            s->flow[p->link[i]] += p->flow[path];
        }
    }
    for (uint32_t e = 0; e < s->delay->count; e++) {
        state_update(s, e);
    }
}

static void state_mark(assign_state *s, int which, const assign_paths *p, uint32_t path) {
    for (uint32_t i = p->link_first[path]; i < p->link_first[path + 1]; i++) {
        s->mark[which][p->link[i]] = s->stamp;
    }
}

// Slopes of the links of a path that the other, marked one, does not have.
static double slope_apart(const assign_state *s, int other, const assign_paths *p, uint32_t path) {
    double slope = 0;
    for (uint32_t i = p->link_first[path]; i < p->link_first[path + 1]; i++) {
        slope += s->mark[other][p->link[i]] == s->stamp ? 0 : s->slope[p->link[i]];
    }
    return slope;
}

static void move_apart(assign_state *s, int other, const assign_paths *p, uint32_t path, double change) {
    for (uint32_t i = p->link_first[path]; i < p->link_first[path + 1]; i++) {
        uint32_t e = p->link[i];
        if (s->mark[other][e] != s->stamp) {
            double flow = s->flow[e] + change;
            s->flow[e] = flow > 0 ? flow : 0;
            state_update(s, e);
        }
    }
}

// Moves flow from a dearer path to a cheaper until they cost the same by the present slopes.
static void shift(assign_state *s, assign_paths *p, uint32_t dear, uint32_t cheap, double difference, double volume) {
    s->stamp++;
    state_mark(s, 0, p, cheap);
    state_mark(s, 1, p, dear);
    double slope = slope_apart(s, 0, p, dear) + slope_apart(s, 1, p, cheap);
    double change = p->flow[dear];
    if (slope > 0 && difference / slope < change) {
        change = difference / slope;
        if (p->flow[dear] - change < flow_share_min * volume) {
            change = p->flow[dear];
        }
    }
    p->flow[dear] = change == p->flow[dear] ? 0 : p->flow[dear] - change;
    p->flow[cheap] += change;
    move_apart(s, 0, p, dear, -change);
    move_apart(s, 1, p, cheap, change);
}

static double balance_pair(assign_state *s, assign_paths *p, uint32_t first, uint32_t end) {
    uint32_t cheap = first;
    double least = assign_path_cost(s, p, first), volume = p->flow[first], excess = 0;
    for (uint32_t path = first + 1; path < end; path++) {
        double cost = assign_path_cost(s, p, path);
        volume += p->flow[path];
        if (cost < least) {
            least = cost;
            cheap = path;
        }
    }
    for (uint32_t path = first; path < end; path++) {
        if (path == cheap || !(p->flow[path] > 0)) {
            continue;
        }
        double difference = assign_path_cost(s, p, path) - assign_path_cost(s, p, cheap);
        if (difference > 0) {
            excess += difference * p->flow[path];
            shift(s, p, path, cheap, difference, volume);
        }
    }
    return excess;
}

double assign_balance(assign_state *s, assign_paths *p) {
    double excess = 0;
    for (uint32_t i = 0; i < p->pair_count; i++) {
        if (p->pair_first[i + 1] - p->pair_first[i] > 1) {
            excess += balance_pair(s, p, p->pair_first[i], p->pair_first[i + 1]);
        }
    }
    return excess;
}
