// Trips between zones, as static assignment and its benchmarks have them: zones with a node each and a sparse table of
// volumes, rows by origin and ascending destination.
#ifndef VESTSIM_WORLD_OD_MATRIX_H
#define VESTSIM_WORLD_OD_MATRIX_H

#include "world/network.h"

typedef struct od_matrix {
    uint32_t zone_count;
    text *zone_id;            // [zone]
    uint32_t *zone_node_ix;   // [zone] where its trips start and end
    uint8_t *node_zone_only;  // [node] 1: traffic may start and end here, but not pass
    uint32_t *first;          // [zone + 1] cells of origin o are first[o] .. first[o+1]-1
    uint32_t *to_zone_ix;     // [cell] ascending within an origin
    double *volume;           // [cell] above 0
} od_matrix;

// One line of a table of trips as it stands in a file.
typedef struct od_cell {
    uint32_t from_zone_ix;
    uint32_t to_zone_ix;
    double volume;
} od_cell;

// Zones, with room for the node marks (all 0); ids and nodes are filled by the caller.
err_code od_matrix_alloc(od_matrix *m, arena *a, uint32_t zone_count, uint32_t node_count);
// Sorts the cells into rows and leaves out those of volume 0. A pair that is there twice is ERR_REFERENCE.
err_code od_matrix_fill(od_matrix *m, arena *a, const od_cell *cell, uint32_t count);
double od_matrix_total(const od_matrix *m);       // in order of cells
double od_matrix_intrazonal(const od_matrix *m);  // part that starts and ends in the same zone

#endif
