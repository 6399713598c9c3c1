// A YAML file as a tree of nodes that know where they stand: the only place that sees libfyaml.
//
// Scalars stay texts (no implicit typing: NO is "NO"). Refused, each with its place: bytes that are not UTF-8, NUL,
// very long lines, aliases, tags, duplicate keys, keys that are not texts, several documents, deep nesting.
#ifndef VESTSIM_IO_YAML_TREE_H
#define VESTSIM_IO_YAML_TREE_H

#include "base/mem.h"

typedef enum yaml_kind { YAML_SCALAR, YAML_MAP, YAML_LIST } yaml_kind;

typedef struct yaml_node {
    yaml_kind kind;
    bool quoted;       // a scalar in quotes or a text block
    const char *text;  // of a scalar, "" otherwise
    const char *key;   // in a map, NULL otherwise
    const char *file;
    int line;  // from 1; 0 when the node comes from the command line
    int column;
    int key_line;
    int key_column;
    struct yaml_node *first;  // children in order
    struct yaml_node *last;
    struct yaml_node *next;
    uint32_t child_count;
} yaml_node;

// All of the tree lives in a. A missing file is ERR_FILE, an empty one ERR_FORMAT.
err_code yaml_tree_load(const char *path, arena *a, yaml_node **root);
err_code yaml_tree_parse(const char *name, const char *text, size_t bytes, arena *a, yaml_node **root);
// A node that comes from no file; key may be NULL. NULL when memory is out.
yaml_node *yaml_tree_new(yaml_kind kind, const char *file, const char *key, const char *text, arena *a);
void yaml_tree_append(yaml_node *parent, yaml_node *child);
const yaml_node *yaml_tree_child(const yaml_node *map, const char *key);  // NULL if absent
const char *yaml_tree_kind_name(const yaml_node *n);                      // for messages
// An unquoted scalar without text: "key:" with nothing behind it.
bool yaml_tree_is_null(const yaml_node *n);

// Raises code with "file:line:column: " before the message; _key points at the key instead of the value.
err_code yaml_tree_fail(const yaml_node *n, err_code code, const char *fmt, ...) ERR_PRINTF(3, 4);
err_code yaml_tree_fail_key(const yaml_node *n, err_code code, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
