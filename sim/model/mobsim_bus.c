// What a day's demand has beside cars and lorries: buses at their stops, and cyclists on mixed links.
#include <string.h>

#include "base/par.h"
#include "mobsim_internal.h"

// ------------------------------------------------------------------------------------------------ stops

err_code mobsim_bus_prepare(mobsim *m, const mobsim_demand *d, mobsim_result *r) {
    uint32_t buses = 0;
    for (uint32_t leg = 0; d->stop_first != NULL && leg < d->leg_count; ++leg) {
        buses += mobsim_stop_count(d, leg) > 0;
    }
    if (buses > m->bus_capacity) {
        m->bus_capacity = buses + buses / 4;
        ARENA_NEW(m->arena, m->dwell, (size_t)m->bus_capacity * m->partition_count);
    }
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        // Any partition may have all of them.
        m->partition[k].dwell = buses > 0 ? m->dwell + (size_t)m->bus_capacity * k : NULL;
    }
    if (buses == 0) {
        return ERR_OK;
    }
    ASSERT(r->stop_arrival_s != NULL && r->stop_departure_s != NULL);
    size_t bytes = d->stop_first[d->leg_count] * sizeof *r->stop_arrival_s;
    memset(r->stop_arrival_s, 0xff, bytes);
    memset(r->stop_departure_s, 0xff, bytes);
    return ERR_OK;
}

static bool goes_first(const mobsim_dwell *a, const mobsim_dwell *b) {
    return a->time_s != b->time_s ? a->time_s < b->time_s : a->leg < b->leg;
}

void mobsim_dwell_push(mobsim_partition *p, mobsim_dwell dwell) {
    ASSERT(p->dwell_count < p->m->bus_capacity);
    uint32_t i = p->dwell_count++;
    while (i > 0 && goes_first(&dwell, &p->dwell[(i - 1) / 2])) {
        p->dwell[i] = p->dwell[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    p->dwell[i] = dwell;
}

mobsim_dwell mobsim_dwell_pop(mobsim_partition *p) {
    mobsim_dwell first = p->dwell[0];
    mobsim_dwell last = p->dwell[--p->dwell_count];
    uint32_t i = 0;
    for (uint32_t child = 1; child < p->dwell_count; child = 2 * i + 1) {
        if (child + 1 < p->dwell_count && goes_first(&p->dwell[child + 1], &p->dwell[child])) {
            ++child;
        }
        if (!goes_first(&p->dwell[child], &last)) {
            break;
        }
        p->dwell[i] = p->dwell[child];
        i = child;
    }
    p->dwell[i] = last;
    return first;
}

// --------------------------------------------------------------------------------------------- cyclists

// Links closed to vehicles have no flow to take; those who ride after the end of the day take none.
static bool counts(const mobsim *m, const mobsim_demand *d, uint32_t i) {
    return d->cycle_s[i] < m->params.end_s && m->queue_of[d->cycle_link[i]] != IX_NONE;
}

static void hand_out(mobsim *m, uint32_t count) {
    uint32_t at = 0;
    for (uint32_t k = 0; k < m->partition_count; ++k) {
        mobsim_partition *p = &m->partition[k];
        uint32_t first = at;
        while (at < count && m->cyclist[at].link < p->link_end) {
            ++at;
        }
        p->cyclist = m->cyclist + first;
        p->cyclist_count = at - first;
    }
}

// Sorted by (partition, time, link): partitions own ranges of queue links.
err_code mobsim_cycle_prepare(mobsim *m, const mobsim_demand *d) {
    uint64_t *key;
    uint32_t *order;
    for (uint32_t i = 0; i < d->cycle_count; ++i) {
        CHECK(d->cycle_link[i] < m->network->link.count, ERR_REFERENCE,
              "cyclist %u: link index %u is not in the network", i, d->cycle_link[i]);
    }
    if (d->cycle_count > m->cyclist_capacity) {
        m->cyclist_capacity = d->cycle_count + d->cycle_count / 4;
        ARENA_NEW(m->arena, m->cyclist, m->cyclist_capacity);
    }
    key = mem_alloc((size_t)d->cycle_count * sizeof *key + 1);
    order = mem_alloc((size_t)d->cycle_count * sizeof *order + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; key != NULL && order != NULL && i < d->cycle_count; ++i) {
        if (counts(m, d, i)) {
            uint32_t q = m->queue_of[d->cycle_link[i]];
            uint64_t partition = m->node_partition[m->link[q].node_ix];
            key[i] = partition << 56 | (uint64_t)d->cycle_s[i] << 32 | q;
            order[count++] = i;
        }
    }
    err_code code = key == NULL || order == NULL ? ERR_MEMORY : par_sort_u64(key, count, order);
    for (uint32_t i = 0; code == ERR_OK && i < count; ++i) {
        uint32_t q = m->queue_of[d->cycle_link[order[i]]];
        m->cyclist[i] = (mobsim_cyclist){.time_s = d->cycle_s[order[i]], .link = q};
    }
    mem_free(key);
    mem_free(order);
    hand_out(m, code == ERR_OK ? count : 0);
    return code;
}
