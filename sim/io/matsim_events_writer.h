// Shared by matsim_events.c (persons) and matsim_events_transit.c (vehicles of the schedule). Private to io.
#ifndef VESTSIM_IO_MATSIM_EVENTS_WRITER_H
#define VESTSIM_IO_MATSIM_EVENTS_WRITER_H

#include <zlib.h>

#include "io/matsim.h"

enum { EVENTS_BUFFER_BYTES = 1 << 16 };

#define EVENTS_OF_VEHICLE (UINT32_C(1) << 31)

// In which order things of one second are written.
typedef enum events_phase { PHASE_VEHICLE_COMES = 0, PHASE_PERSON, PHASE_VEHICLE_GOES, PHASE_COUNT } events_phase;

typedef struct events_event {
    uint64_t key;    // time and phase
    uint32_t owner;  // leg, or departure | EVENTS_OF_VEHICLE
    uint32_t kind;   // of a leg or of a vehicle
} events_event;

typedef struct events_writer {
    gzFile file;
    const network *n;
    const chain_plans *plans;
    const schedule *s;  // NULL = none
    const chain_result *r;
    uint32_t end_s;
    uint32_t *person;     // [leg]
    events_event *event;  // NULL while they are counted
    size_t count;
    size_t used;
    bool failed;
    char buffer[EVENTS_BUFFER_BYTES];
} events_writer;

void events_add(events_writer *w, uint32_t time_s, events_phase phase, uint32_t owner, uint32_t kind);
void events_put_attribute(events_writer *w, const char *name, const char *value);
void events_put_link(events_writer *w, uint32_t link);

void events_transit_add(events_writer *w);  // of all departures
void events_transit_put(events_writer *w, const events_event *e);
// Of a departure: that of its vehicle or, where it has none, its own.
const char *events_vehicle_id(const events_writer *w, uint32_t departure);

#endif
