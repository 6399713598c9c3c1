#include "csv_put.h"

#include <string.h>

void csv_put_text(FILE *f, const char *cell, const char *end) {
    bool quotes = strpbrk(cell, ",\"\r\n") != NULL;
    fputs(quotes ? "\"" : "", f);
    for (; *cell != '\0'; cell++) {
        fputs(*cell == '"' ? "\"" : "", f);
        fputc(*cell, f);
    }
    fprintf(f, "%s%s", quotes ? "\"" : "", end);
}

void csv_put_time(FILE *f, uint32_t time_s, const char *end) {
    if (time_s != IX_NONE) {
        fprintf(f, "%02u:%02u:%02u", time_s / 3600, time_s / 60 % 60, time_s % 60);
    }
    fputs(end, f);
}
