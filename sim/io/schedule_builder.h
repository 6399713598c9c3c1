// Collects a timetable with its vehicles from files into a schedule. Private to io.
#ifndef VESTSIM_IO_SCHEDULE_BUILDER_H
#define VESTSIM_IO_SCHEDULE_BUILDER_H

#include "id_index.h"
#include "world/schedule.h"

// Rows are on the heap until schedule_builder_finish; s.*_count are the rows so far.
typedef struct schedule_builder {
    arena *a;
    schedule s;
    size_t facility_room, line_room, pattern_room, departure_room, vehicle_room, type_room, transfer_room;
    size_t link_room, stop_room, call_room;
    id_index facilities, lines, vehicles, types;  // numbers are rows
} schedule_builder;

void schedule_builder_init(schedule_builder *b, arena *a);
void schedule_builder_free(schedule_builder *b);
err_code schedule_builder_facility(schedule_builder *b, schedule_facility row);  // its id is not yet in facilities
err_code schedule_builder_pattern(schedule_builder *b, const schedule_pattern *row);
err_code schedule_builder_link(schedule_builder *b, uint32_t link);
err_code schedule_builder_stop(schedule_builder *b, schedule_stop row);
err_code schedule_builder_departure(schedule_builder *b, schedule_departure row);
err_code schedule_builder_call(schedule_builder *b, schedule_call row);
err_code schedule_builder_transfer(schedule_builder *b, schedule_transfer row);
// The row of this line, vehicle or type, which is made if it is not there.
err_code schedule_builder_line(schedule_builder *b, const char *id, const char *name, uint32_t *out);
err_code schedule_builder_vehicle(schedule_builder *b, const char *id, uint32_t *out);
err_code schedule_builder_type(schedule_builder *b, const char *id, uint32_t *out);
// Copies the rows into the arena and checks them.
err_code schedule_builder_finish(const schedule_builder *b, uint32_t network_links, schedule *out);

#endif
