// Parts of the TNTP reader: lines, metadata and rows of numbers with located errors.
#ifndef VESTSIM_IO_TNTP_PART_H
#define VESTSIM_IO_TNTP_PART_H

#include "world/od_matrix.h"

typedef struct tntp_scan {
    const char *path;
    char *next;     // rest of the file
    char *text;     // present line, terminated, without its comment
    uint32_t line;  // its number, from 1
} tntp_scan;

enum { TNTP_HEAD_MAX = 32 };

typedef struct tntp_head {  // <KEY> value
    uint32_t count;
    const char *key[TNTP_HEAD_MAX];
    const char *value[TNTP_HEAD_MAX];
    uint32_t line[TNTP_HEAD_MAX];
    uint32_t end_line;
} tntp_head;

err_code tntp_open(tntp_scan *s, const char *path, arena *a);
// The next line that is not blank and no comment; false at the end, where line is the last one.
bool tntp_next_line(tntp_scan *s);
bool tntp_has_letters(const tntp_scan *s);
// "path:line: " before the message.
err_code tntp_fail(const tntp_scan *s, err_code code, const char *fmt, ...) ERR_PRINTF(3, 4);
// Metadata up to and with <END OF METADATA>.
err_code tntp_read_head(tntp_scan *s, tntp_head *h);
const char *tntp_head_text(const tntp_head *h, const char *key);  // "" if absent
err_code tntp_head_count(tntp_scan *s, const tntp_head *h, const char *key, uint32_t min, uint32_t max, uint32_t *out);
err_code tntp_head_number(tntp_scan *s, const tntp_head *h, const char *key, double *out);  // unchanged if absent
// Numbers of the present line into value[0 .. most): at least `least`, more are left out.
err_code tntp_read_row(tntp_scan *s, const char *const *name, uint32_t least, uint32_t most, double *value);
err_code tntp_check_whole(const tntp_scan *s, const char *name, double value);
// One number at *at, moved behind it.
err_code tntp_read_number(const tntp_scan *s, char **at, const char *name, double *out);
err_code tntp_read_trips(const char *path, arena *a, od_matrix *od, double *total_stated);

#endif
