#include "world/od_matrix.h"

#include <math.h>
#include <string.h>

#include "base/par.h"

err_code od_matrix_alloc(od_matrix *m, arena *a, uint32_t zone_count, uint32_t node_count) {
    *m = (od_matrix){.zone_count = zone_count};
    ARENA_NEW(a, m->zone_id, zone_count);
    ARENA_NEW(a, m->zone_node_ix, zone_count);
    ARENA_NEW(a, m->node_zone_only, node_count);
    ARENA_NEW(a, m->first, (size_t)zone_count + 1);
    return ERR_OK;
}

err_code od_matrix_fill(od_matrix *m, arena *a, const od_cell *cell, uint32_t count) {
    uint64_t *key;
    uint32_t *order;
    ARENA_NEW(a, key, count);
    ARENA_NEW(a, order, count);
    ARENA_NEW(a, m->to_zone_ix, count);
    ARENA_NEW(a, m->volume, count);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(cell[i].from_zone_ix < m->zone_count && cell[i].to_zone_ix < m->zone_count);
        key[i] = (uint64_t)cell[i].from_zone_ix << 32 | cell[i].to_zone_ix;
        order[i] = i;
    }
    TRY(par_sort_u64(key, count, order));
    memset(m->first, 0, ((size_t)m->zone_count + 1) * sizeof *m->first);  // a matrix may be filled again
    uint32_t cells = 0;
    for (uint32_t i = 0; i < count; i++) {
        const od_cell *c = &cell[order[i]];
        CHECK(i == 0 || key[order[i]] != key[order[i - 1]], ERR_REFERENCE,
              "the trips from zone '%s' to zone '%s' are given twice", m->zone_id[c->from_zone_ix],
              m->zone_id[c->to_zone_ix]);
        CHECK(isfinite(c->volume) && c->volume >= 0, ERR_RANGE,
              "the trips from zone '%s' to zone '%s', %g, must not be negative", m->zone_id[c->from_zone_ix],
              m->zone_id[c->to_zone_ix], c->volume);
        if (c->volume > 0) {
            m->to_zone_ix[cells] = c->to_zone_ix;
            m->volume[cells++] = c->volume;
            m->first[c->from_zone_ix + 1]++;
        }
    }
    for (uint32_t o = 0; o < m->zone_count; o++) {
        m->first[o + 1] += m->first[o];
    }
    return ERR_OK;
}

double od_matrix_total(const od_matrix *m) {
    double sum = 0;
    for (uint32_t i = 0; i < m->first[m->zone_count]; i++) {
        sum += m->volume[i];
    }
    return sum;
}

double od_matrix_intrazonal(const od_matrix *m) {
    double sum = 0;
    for (uint32_t o = 0; o < m->zone_count; o++) {
        for (uint32_t i = m->first[o]; i < m->first[o + 1]; i++) {
            sum += m->to_zone_ix[i] == o ? m->volume[i] : 0;
        }
    }
    return sum;
}
