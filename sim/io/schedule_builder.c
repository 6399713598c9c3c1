#include "schedule_builder.h"

#include <string.h>

#include "xml_stream.h"

enum { ROWS_MAX = 1 << 30 };

void schedule_builder_init(schedule_builder *b, arena *a) {
    *b = (schedule_builder){.a = a};
    b->facilities.a = b->lines.a = b->vehicles.a = b->types.a = a;
}

void schedule_builder_free(schedule_builder *b) {
    mem_free(b->s.facility);
    mem_free(b->s.line);
    mem_free(b->s.pattern);
    mem_free(b->s.departure);
    mem_free(b->s.vehicle);
    mem_free(b->s.type);
    mem_free(b->s.transfer);
    mem_free(b->s.link);
    mem_free(b->s.stop);
    mem_free(b->s.call);
    id_index_free(&b->facilities);
    id_index_free(&b->lines);
    id_index_free(&b->vehicles);
    id_index_free(&b->types);
}

// Appends row to b->s.rows; returns from the calling function on failure.
#define APPEND(b, rows, rows_count, room, row)                                                     \
    do {                                                                                           \
        CHECK((b)->s.rows_count < ROWS_MAX, ERR_RANGE, "the timetable has too many rows: " #rows); \
        XML_STREAM_RESERVE((b)->s.rows, (b)->room, (b)->s.rows_count, 1);                          \
        (b)->s.rows[(b)->s.rows_count++] = (row);                                                  \
    } while (0)

err_code schedule_builder_facility(schedule_builder *b, schedule_facility row) {
    uint32_t ix;
    TRY(id_index_add(&b->facilities, row.id, &ix));
    ASSERT(ix == b->s.facility_count);
    row.id = b->facilities.id[ix];
    APPEND(b, facility, facility_count, facility_room, row);
    return ERR_OK;
}

err_code schedule_builder_pattern(schedule_builder *b, const schedule_pattern *row) {
    APPEND(b, pattern, pattern_count, pattern_room, *row);
    return ERR_OK;
}

err_code schedule_builder_link(schedule_builder *b, uint32_t link) {
    APPEND(b, link, link_count, link_room, link);
    return ERR_OK;
}

err_code schedule_builder_stop(schedule_builder *b, schedule_stop row) {
    APPEND(b, stop, stop_count, stop_room, row);
    return ERR_OK;
}

err_code schedule_builder_departure(schedule_builder *b, schedule_departure row) {
    APPEND(b, departure, departure_count, departure_room, row);
    return ERR_OK;
}

err_code schedule_builder_call(schedule_builder *b, schedule_call row) {
    APPEND(b, call, call_count, call_room, row);
    return ERR_OK;
}

err_code schedule_builder_transfer(schedule_builder *b, schedule_transfer row) {
    APPEND(b, transfer, transfer_count, transfer_room, row);
    return ERR_OK;
}

err_code schedule_builder_line(schedule_builder *b, const char *id, const char *name, uint32_t *out) {
    TRY(id_index_add(&b->lines, id, out));
    if (*out == b->s.line_count) {
        const schedule_line row = {.id = b->lines.id[*out], .name = arena_text(b->a, name)};
        if (row.name == NULL) {
            return ERR_MEMORY;
        }
        APPEND(b, line, line_count, line_room, row);
    }
    return ERR_OK;
}

err_code schedule_builder_vehicle(schedule_builder *b, const char *id, uint32_t *out) {
    TRY(id_index_add(&b->vehicles, id, out));
    if (*out == b->s.vehicle_count) {
        const schedule_vehicle row = {.id = b->vehicles.id[*out], .type = IX_NONE};
        APPEND(b, vehicle, vehicle_count, vehicle_room, row);
    }
    return ERR_OK;
}

err_code schedule_builder_type(schedule_builder *b, const char *id, uint32_t *out) {
    TRY(id_index_add(&b->types, id, out));
    if (*out == b->s.type_count) {
        const schedule_vehicle_type row = {.id = b->types.id[*out], .access_s = 1, .egress_s = 1, .pcu = 1};
        APPEND(b, type, type_count, type_room, row);
    }
    return ERR_OK;
}

// Moves the rows from the heap to the arena.
#define KEEP(b, out, rows, rows_count)                                                 \
    do {                                                                               \
        ARENA_NEW((b)->a, (out)->rows, (b)->s.rows_count);                             \
        if ((b)->s.rows_count > 0) {                                                   \
            memcpy((out)->rows, (b)->s.rows, (b)->s.rows_count * sizeof *(out)->rows); \
        }                                                                              \
    } while (0)

err_code schedule_builder_finish(const schedule_builder *b, uint32_t network_links, schedule *out) {
    *out = b->s;
    KEEP(b, out, facility, facility_count);
    KEEP(b, out, line, line_count);
    KEEP(b, out, pattern, pattern_count);
    KEEP(b, out, departure, departure_count);
    KEEP(b, out, vehicle, vehicle_count);
    KEEP(b, out, type, type_count);
    KEEP(b, out, transfer, transfer_count);
    KEEP(b, out, link, link_count);
    KEEP(b, out, stop, stop_count);
    KEEP(b, out, call, call_count);
    return schedule_check(out, network_links);
}
