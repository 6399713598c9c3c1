// MATSim networks out (network_v2).
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "io/matsim.h"

enum { PATH_BYTES = 4096, LINE_BYTES = 512 };

// What MATSim's reader takes as the least; our links without cars have none of these.
static const double least_capacity_vph = 1.0, least_speed_mps = 1.0, least_lanes = 1.0;

static bool put(gzFile f, const char *words) {
    return words[0] == '\0' || gzputs(f, words) > 0;
}

static bool put_escaped(gzFile f, const char *words) {
    bool ok = true;
    for (; ok && *words != '\0'; words++) {
        char one[2] = {*words, '\0'};
        const char *as = *words == '&'                                        ? "&amp;"
                         : *words == '<'                                      ? "&lt;"
                         : *words == '>'                                      ? "&gt;"
                         : *words == '"'                                      ? "&quot;"
                         : *words == '\n' || *words == '\t' || *words == '\r' ? " "
                         : (unsigned char)*words < 0x20                       ? ""
                                                        : one;  // XML 1.0 has no other control characters
        ok = put(f, as);
    }
    return ok;
}

static bool put_attribute(gzFile f, const char *name, const char *value) {
    return put(f, " ") && put(f, name) && put(f, "=\"") && put_escaped(f, value) && put(f, "\"");
}

static bool put_node(gzFile f, const network *n, uint32_t v) {
    char words[LINE_BYTES];
    (void)snprintf(words, sizeof words, " x=\"%.17g\" y=\"%.17g\" z=\"%.9g\" />\n", n->node.x_m[v], n->node.y_m[v],
                   (double)n->node.z_m[v]);
    return put(f, "\t\t<node") && put_attribute(f, "id", n->node.id[v]) && put(f, words);
}

static const char *modes_of(uint8_t allowed, char out[64]) {
    static const struct {
        uint8_t bit;
        const char *mode;
    } use[] = {
        {ALLOW_CAR, "car"}, {ALLOW_LORRY, "truck"}, {ALLOW_BUS, "bus"}, {ALLOW_CYCLE, "bike"}, {ALLOW_WALK, "walk"}};
    out[0] = '\0';
    for (size_t i = 0; i < sizeof use / sizeof use[0]; i++) {
        if ((allowed & use[i].bit) != 0) {
            strcat(out, out[0] == '\0' ? "" : ",");
            strcat(out, use[i].mode);
        }
    }
    return out;
}

static bool put_text(gzFile f, const char *name, const char *value) {
    return value == NULL || value[0] == '\0' ||
           (put(f, "\t\t\t\t<attribute name=\"") && put(f, name) && put(f, "\" class=\"java.lang.String\">") &&
            put_escaped(f, value) && put(f, "</attribute>\n"));
}

static bool put_link(gzFile f, const network *n, uint32_t e) {
    char words[LINE_BYTES];
    char modes[64];
    double speed_mps = (double)n->link.free_speed_mps[e], capacity_vph = (double)n->link.capacity_vph[e];
    double lanes = (double)n->link.lanes[e];
    (void)snprintf(
        words, sizeof words,
        " length=\"%.9g\" freespeed=\"%.9g\" capacity=\"%.9g\" permlanes=\"%.9g\" oneway=\"1\" modes=\"%s\" >\n",
        (double)n->link.length_m[e], speed_mps > 0 ? speed_mps : least_speed_mps,
        capacity_vph > 0 ? capacity_vph : least_capacity_vph, lanes > 0 ? lanes : least_lanes,
        modes_of(n->link.allowed[e], modes));
    return put(f, "\t\t<link") && put_attribute(f, "id", n->link.id[e]) &&
           put_attribute(f, "from", n->node.id[n->link.from_ix[e]]) &&
           put_attribute(f, "to", n->node.id[n->link.to_ix[e]]) && put(f, words) && put(f, "\t\t\t<attributes>\n") &&
           put_text(f, "name", n->link.name[e]) && put_text(f, "type", n->link.road_class[e]) &&
           put(f, "\t\t\t</attributes>\n\t\t</link>\n");
}

static bool put_network(gzFile f, const network *n) {
    bool ok =
        put(f,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<!DOCTYPE network SYSTEM \"http://www.matsim.org/files/dtd/network_v2.dtd\">\n<network>\n\t<nodes>\n");
    for (uint32_t v = 0; ok && v < n->node.count; v++) {
        ok = put_node(f, n, v);
    }
    ok = ok &&
         put(f, "\t</nodes>\n\t<links capperiod=\"01:00:00\" effectivecellsize=\"7.5\" effectivelanewidth=\"3.75\">\n");
    for (uint32_t e = 0; ok && e < n->link.count; e++) {
        ok = put_link(f, n, e);
    }
    return ok && put(f, "\t</links>\n</network>\n");
}

err_code matsim_save_network(const char *path, const network *n) {
    char part[PATH_BYTES];
    size_t length = strlen(path);
    bool compressed = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    CHECK(snprintf(part, sizeof part, "%s.part", path) < PATH_BYTES, ERR_FILE, "%.60s...: the path is too long", path);
    errno = 0;
    gzFile f = gzopen(part, compressed ? "wb" : "wbT");
    CHECK(f != NULL, ERR_FILE, "%s: cannot be written: %s", path, strerror(errno));
    bool ok = put_network(f, n);
    ok = gzclose(f) == Z_OK && ok;
    if (!ok || rename(part, path) != 0) {
        (void)remove(part);
        return err_raise(ERR_FILE, "%s: cannot be written; is the disk full?", path);
    }
    return ERR_OK;
}
