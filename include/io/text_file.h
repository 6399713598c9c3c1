// A text file that appears under its name only when it is whole: written as PATH.part, then renamed.
#ifndef VESTSIM_IO_TEXT_FILE_H
#define VESTSIM_IO_TEXT_FILE_H

#include <stdio.h>

#include "base/err.h"

enum { TEXT_FILE_PATH_MAX = 4096 };

typedef struct text_file {
    FILE *out;
    const char *path;  // not owned
    char part[TEXT_FILE_PATH_MAX];
} text_file;

err_code text_file_open(text_file *f, const char *path);
// Closes and renames; a failed write (a full disk) removes the part and is ERR_FILE.
err_code text_file_commit(text_file *f);
void text_file_abandon(text_file *f);  // removes the part; safe after commit

#endif
