#include "matsim_vehicles.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xml_stream.h"

#define PERSONS_MAX 1e6
#define SECONDS_MAX 3600.0
#define PCU_MAX 1000.0

typedef struct reader {
    schedule_builder *b;
    bool in_file;
    uint32_t type;       // the present one, IX_NONE = none
    const char *detail;  // the <attribute> whose text is read (v2.0), NULL = none
    char value[64];
} reader;

// Names of v2.0 attributes; in v1.0 they are elements.
static const char access_name[] = "accessTimeInSecondsPerPerson";
static const char egress_name[] = "egressTimeInSecondsPerPerson";
static const char doors_name[] = "doorOperationMode";

static err_code read_count(const xml_stream *x, const char *const *attribute, const char *name, uint32_t *out) {
    double value = *out;
    TRY(xml_stream_number(x, attribute, name, 0, PERSONS_MAX, &value));
    *out = (uint32_t)value;
    return ERR_OK;
}

static err_code begin_detail(reader *r, const char *const *attribute) {
    static const char *const known[] = {access_name, egress_name, doors_name};
    const char *name = xml_stream_value(attribute, "name");
    r->value[0] = '\0';
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof *known; i++) {
        r->detail = strcmp(name, known[i]) == 0 ? known[i] : r->detail;
    }
    return ERR_OK;
}

static err_code end_detail(reader *r, const xml_stream *x) {
    schedule_vehicle_type *type = &r->b->s.type[r->type];
    const char *detail = r->detail;
    char *end = NULL;
    r->detail = NULL;
    if (detail == doors_name) {
        type->parallel = strcmp(r->value, "parallel") == 0;
        return ERR_OK;
    }
    double seconds = strtod(r->value, &end);
    if (end == r->value || *end != '\0' || !(seconds >= 0 && seconds <= SECONDS_MAX)) {
        return xml_stream_fail(x, ERR_RANGE, "%s '%.40s' is not a number of seconds from 0 to %.0f", detail, r->value,
                               SECONDS_MAX);
    }
    *(detail == access_name ? &type->access_s : &type->egress_s) = seconds;
    return ERR_OK;
}

// An element inside a type.
static err_code read_part(reader *r, const xml_stream *x, const char *name, const char *const *attribute) {
    schedule_vehicle_type *type = &r->b->s.type[r->type];
    if (strcmp(name, "seats") == 0) {
        return read_count(x, attribute, "persons", &type->seats);
    }
    if (strcmp(name, "standingRoom") == 0) {
        return read_count(x, attribute, "persons", &type->standing);
    }
    if (strcmp(name, "capacity") == 0) {
        TRY(read_count(x, attribute, "seats", &type->seats));
        return read_count(x, attribute, "standingRoomInPersons", &type->standing);
    }
    if (strcmp(name, "accessTime") == 0) {
        return xml_stream_number(x, attribute, "secondsPerPerson", 0, SECONDS_MAX, &type->access_s);
    }
    if (strcmp(name, "egressTime") == 0) {
        return xml_stream_number(x, attribute, "secondsPerPerson", 0, SECONDS_MAX, &type->egress_s);
    }
    if (strcmp(name, "passengerCarEquivalents") == 0) {
        return xml_stream_number(x, attribute, "pce", 0, PCU_MAX, &type->pcu);
    }
    if (strcmp(name, "doorOperation") == 0) {
        const char *doors = xml_stream_value(attribute, "mode");
        type->parallel = doors != NULL && strcmp(doors, "parallel") == 0;
    }
    return strcmp(name, "attribute") == 0 ? begin_detail(r, attribute) : ERR_OK;
}

static err_code read_type(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id;
    uint32_t before = r->b->s.type_count;
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(schedule_builder_type(r->b, id, &r->type));
    return r->type == before ? ERR_OK
                             : xml_stream_fail(x, ERR_REFERENCE, "the vehicle type '%.60s' is there twice", id);
}

static err_code read_vehicle(reader *r, const xml_stream *x, const char *const *attribute) {
    const char *id, *type_id;
    TRY(xml_stream_text(x, attribute, "id", &id));
    TRY(xml_stream_text(x, attribute, "type", &type_id));
    uint32_t type = id_index_find(&r->b->types, type_id), vehicle = id_index_find(&r->b->vehicles, id);
    if (type == IX_NONE) {
        return xml_stream_fail(x, ERR_REFERENCE, "there is no vehicle type '%.60s' before this line", type_id);
    }
    if (vehicle != IX_NONE) {
        r->b->s.vehicle[vehicle].type = type;
    }
    return ERR_OK;
}

static err_code on_start(xml_stream *x, void *ctx, const char *name, const char *const *attribute) {
    reader *r = ctx;
    if (!r->in_file) {
        r->in_file = true;
        return strcmp(name, "vehicleDefinitions") == 0
                   ? ERR_OK
                   : xml_stream_fail(x, ERR_FORMAT, "these are not MATSim vehicles: the file starts with <%.60s>",
                                     name);
    }
    if (r->type != IX_NONE) {
        return read_part(r, x, name, attribute);
    }
    if (strcmp(name, "vehicleType") == 0) {
        return read_type(r, x, attribute);
    }
    return strcmp(name, "vehicle") == 0 ? read_vehicle(r, x, attribute) : ERR_OK;
}

static err_code on_end(xml_stream *x, void *ctx, const char *name) {
    reader *r = ctx;
    if (r->detail != NULL && strcmp(name, "attribute") == 0) {
        return end_detail(r, x);
    }
    if (strcmp(name, "vehicleType") == 0) {
        r->type = IX_NONE;
    }
    return ERR_OK;
}

static err_code on_characters(xml_stream *x, void *ctx, const char *piece, size_t length) {
    reader *r = ctx;
    (void)x;
    size_t used = strlen(r->value);
    for (size_t i = 0; r->detail != NULL && i < length && used + 1 < sizeof r->value; i++) {
        if ((unsigned char)piece[i] > ' ') {
            r->value[used++] = piece[i];
            r->value[used] = '\0';
        }
    }
    return ERR_OK;
}

err_code matsim_vehicles_load(const char *path, schedule_builder *b) {
    static const xml_handlers handlers = {.start = on_start, .end = on_end, .characters = on_characters};
    reader r = {.b = b, .type = IX_NONE};
    uint32_t without = 0;
    TRY(xml_stream_parse(path, &handlers, &r));
    for (uint32_t i = 0; i < b->s.vehicle_count; i++) {
        without += b->s.vehicle[i].type == IX_NONE;
    }
    if (without > 0) {
        log_warn("%s: %u vehicles of the schedule are not in it; they have no limit to their passengers", path,
                 without);
    }
    return ERR_OK;
}
