#include "yaml_tree.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"

enum {
    FILE_MAX_BYTES = 32 * 1024 * 1024,
    LINE_MAX_BYTES = 64 * 1024,
    NODES_MAX = 100000,
    KEYS_MAX = 2000,  // in one map; duplicates are searched pair by pair
    DEPTH_MAX = 12,
    MESSAGE_BYTES = 1024
};

typedef struct builder {
    arena *a;
    const char *name;
    yaml_node *root;
    yaml_node *open[DEPTH_MAX];  // maps and lists not yet ended
    uint32_t depth;
    const char *key;  // read, its value still to come
    int key_line;
    int key_column;
    uint32_t node_count;
    uint32_t document_count;
} builder;

static err_code fail_at(const char *file, int line, int column, err_code code, const char *fmt, va_list args) {
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, fmt, args);
    if (line <= 0) {
        return err_raise(code, "%s: %s", file, message);
    }
    return err_raise(code, "%s:%d:%d: %s", file, line, column, message);
}

err_code yaml_tree_fail(const yaml_node *n, err_code code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fail_at(n->file, n->line, n->column, code, fmt, args);
    va_end(args);
    return code;
}

err_code yaml_tree_fail_key(const yaml_node *n, err_code code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fail_at(n->file, n->key_line, n->key_column, code, fmt, args);
    va_end(args);
    return code;
}

yaml_node *yaml_tree_new(yaml_kind kind, const char *file, const char *key, const char *text, arena *a) {
    yaml_node *n = arena_alloc(a, 1, sizeof *n);
    if (n != NULL) {
        n->kind = kind;
        n->file = file;
        n->key = key;
        n->text = text;
    }
    return n;
}

void yaml_tree_append(yaml_node *parent, yaml_node *child) {
    if (parent->last == NULL) {
        parent->first = child;
    } else {
        parent->last->next = child;
    }
    parent->last = child;
    parent->child_count++;
}

const yaml_node *yaml_tree_child(const yaml_node *map, const char *key) {
    for (const yaml_node *c = map->first; c != NULL; c = c->next) {
        if (c->key != NULL && strcmp(c->key, key) == 0) {
            return c;
        }
    }
    return NULL;
}

const char *yaml_tree_kind_name(const yaml_node *n) {
    if (n->kind == YAML_MAP) {
        return "a group of keys";
    }
    if (n->kind == YAML_LIST) {
        return "a list";
    }
    return yaml_tree_is_null(n) ? "nothing" : "a single value";
}

bool yaml_tree_is_null(const yaml_node *n) {
    return n->kind == YAML_SCALAR && !n->quoted && n->text[0] == '\0';
}

static err_code fail_token(const builder *b, struct fy_token *token, const char *message) {
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    if (mark == NULL) {
        return err_raise(ERR_FORMAT, "%s: %s", b->name, message);
    }
    return err_raise(ERR_FORMAT, "%s:%d:%d: %s", b->name, mark->line + 1, mark->column + 1, message);
}

// The text of a scalar token, copied; escapes may have made bytes that the file's own check cannot see.
static err_code token_text(const builder *b, struct fy_token *token, const char **out) {
    size_t bytes = 0;
    const char *raw = token != NULL ? fy_token_get_text(token, &bytes) : NULL;
    if (raw == NULL) {
        raw = "";
        bytes = 0;
    }
    if (bytes > 0 && table_check_utf8(b->name, raw, bytes) != ERR_OK) {
        return fail_token(b, token, "this text has a NUL or is not UTF-8 once its escapes are read; write plain text");
    }
    *out = arena_text_n(b->a, raw, bytes);
    return *out == NULL ? ERR_MEMORY : ERR_OK;
}

static err_code check_plain(const builder *b, struct fy_token *anchor, struct fy_token *tag, struct fy_token *at) {
    if (tag != NULL) {
        return fail_token(b, at, "YAML tags (!...) are not used here; write the plain value");
    }
    if (anchor != NULL) {
        return fail_token(b, at, "YAML anchors (&...) are not used here; write the value out, or use based_on");
    }
    return ERR_OK;
}

// Hangs a finished or just opened node below the innermost open one.
static err_code attach(builder *b, yaml_node *n, struct fy_token *token) {
    if (b->depth == 0) {
        b->root = n;
        return ERR_OK;
    }
    yaml_node *parent = b->open[b->depth - 1];
    if (parent->kind == YAML_MAP) {
        n->key = b->key;
        n->key_line = b->key_line;
        n->key_column = b->key_column;
        b->key = NULL;
        if (parent->child_count >= KEYS_MAX) {
            return fail_token(b, token, "too many keys in one group");
        }
        const yaml_node *earlier = yaml_tree_child(parent, n->key);
        if (earlier != NULL) {
            return yaml_tree_fail_key(n, ERR_FORMAT, "'%s' is given twice, first on line %d; keep one", n->key,
                                      earlier->key_line);
        }
    }
    yaml_tree_append(parent, n);
    return ERR_OK;
}

static err_code new_node(builder *b, yaml_kind kind, struct fy_token *token, yaml_node **out) {
    if (++b->node_count > NODES_MAX) {
        return fail_token(b, token, "the file has more values than a scenario can have");
    }
    yaml_node *n = yaml_tree_new(kind, b->name, NULL, "", b->a);
    if (n == NULL) {
        return ERR_MEMORY;
    }
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    // An empty value has no token: its key is the place to show.
    n->line = mark != NULL ? mark->line + 1 : b->key_line;
    n->column = mark != NULL ? mark->column + 1 : b->key_column;
    *out = n;
    return ERR_OK;
}

static bool awaits_key(const builder *b) {
    return b->depth > 0 && b->open[b->depth - 1]->kind == YAML_MAP && b->key == NULL;
}

static err_code on_scalar(builder *b, const struct fy_event_scalar_data *e) {
    TRY(check_plain(b, e->anchor, e->tag, e->value));
    const char *value = NULL;
    TRY(token_text(b, e->value, &value));
    if (awaits_key(b)) {
        const struct fy_mark *mark = e->value != NULL ? fy_token_start_mark(e->value) : NULL;
        b->key = value;
        b->key_line = mark != NULL ? mark->line + 1 : b->open[b->depth - 1]->line;
        b->key_column = mark != NULL ? mark->column + 1 : 1;
        return ERR_OK;
    }
    yaml_node *n = NULL;
    TRY(new_node(b, YAML_SCALAR, e->value, &n));
    n->text = value;
    n->quoted = e->value != NULL && fy_token_scalar_style(e->value) != FYSS_PLAIN;
    return attach(b, n, e->value);
}

static err_code on_open(builder *b, yaml_kind kind, struct fy_token *anchor, struct fy_token *tag,
                        struct fy_token *start) {
    TRY(check_plain(b, anchor, tag, start));
    if (awaits_key(b)) {
        return fail_token(b, start, "a key must be a plain text");
    }
    if (b->depth == DEPTH_MAX) {
        return fail_token(b, start, "nested deeper than any scenario key");
    }
    yaml_node *n = NULL;
    TRY(new_node(b, kind, start, &n));
    TRY(attach(b, n, start));
    b->open[b->depth++] = n;
    return ERR_OK;
}

static err_code on_event(builder *b, const struct fy_event *e) {
    switch (e->type) {
        case FYET_DOCUMENT_START:
            if (++b->document_count > 1) {
                return fail_token(b, e->document_start.document_start,
                                  "a second YAML document (---) starts here; a scenario is one document");
            }
            return ERR_OK;
        case FYET_SCALAR:
            return on_scalar(b, &e->scalar);
        case FYET_MAPPING_START:
            return on_open(b, YAML_MAP, e->mapping_start.anchor, e->mapping_start.tag, e->mapping_start.mapping_start);
        case FYET_SEQUENCE_START:
            return on_open(b, YAML_LIST, e->sequence_start.anchor, e->sequence_start.tag,
                           e->sequence_start.sequence_start);
        case FYET_MAPPING_END:
        case FYET_SEQUENCE_END:
            b->depth -= b->depth > 0 ? 1 : 0;
            return ERR_OK;
        case FYET_ALIAS:
            return fail_token(b, e->alias.anchor, "YAML aliases (*...) are not used here; write the value out");
        default:
            return ERR_OK;
    }
}

// libfyaml's own complaint, if it had one, with its place.
static err_code check_parser(const builder *b, struct fy_parser *parser, struct fy_diag *diag) {
    void *at = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
    if (e != NULL) {
        return err_raise(ERR_FORMAT, "%s:%d:%d: not valid YAML: %s", b->name, e->line < 1 ? 1 : e->line,
                         e->column < 1 ? 1 : e->column, e->msg != NULL ? e->msg : "syntax error");
    }
    CHECK(!fy_parser_get_stream_error(parser), ERR_FORMAT, "%s: not valid YAML", b->name);
    return ERR_OK;
}

static err_code run_parser(builder *b, struct fy_parser *parser, struct fy_diag *diag) {
    for (;;) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL) {
            return check_parser(b, parser, diag);
        }
        err_code code = on_event(b, event);
        bool last = event->type == FYET_STREAM_END;
        fy_parser_event_free(parser, event);
        if (code != ERR_OK) {
            return code;
        }
        if (last) {
            return check_parser(b, parser, diag);
        }
    }
}

static void discard_output(struct fy_diag *diag, void *user, const char *text, size_t bytes) {
    (void)diag;
    (void)user;
    (void)text;
    (void)bytes;
}

static err_code parse_events(builder *b, const char *text, size_t bytes) {
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = discard_output;
    diag_cfg.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        return err_raise(ERR_MEMORY, "%s: out of memory for the YAML reader", b->name);
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    err_code code = ERR_OK;
    if (parser == NULL || fy_parser_set_string(parser, text, bytes) != 0) {
        code = err_raise(ERR_MEMORY, "%s: out of memory for the YAML reader", b->name);
    } else {
        code = run_parser(b, parser, diag);
    }
    if (parser != NULL) {
        fy_parser_destroy(parser);
    }
    fy_diag_destroy(diag);
    return code;
}

static err_code check_lines(const char *name, const char *text, size_t bytes) {
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; i <= bytes; i++) {
        if (i == bytes || text[i] == '\n') {
            CHECK(i - start <= LINE_MAX_BYTES, ERR_FORMAT,
                  "%s:%d: the line is longer than %d bytes; is this a YAML file?", name, line, LINE_MAX_BYTES);
            start = i + 1;
            line++;
        }
    }
    return ERR_OK;
}

static bool is_blank(const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (strchr(" \t\r\n", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

err_code yaml_tree_parse(const char *name, const char *text, size_t bytes, arena *a, yaml_node **root) {
    TRY(table_check_utf8(name, text, bytes));
    TRY(check_lines(name, text, bytes));
    if (bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        bytes -= 3;
    }
    CHECK(!is_blank(text, bytes), ERR_FORMAT, "%s:1: the file is empty; docs/formats.md shows a scenario", name);
    builder b = {.a = a, .name = arena_text(a, name)};
    if (b.name == NULL) {
        return ERR_MEMORY;
    }
    TRY(parse_events(&b, text, bytes));
    CHECK(b.root != NULL, ERR_FORMAT, "%s:1: the file holds no keys (only comments?); docs/formats.md shows a scenario",
          name);
    *root = b.root;
    return ERR_OK;
}

err_code yaml_tree_load(const char *path, arena *a, yaml_node **root) {
    char *text = NULL;
    size_t bytes = 0;
    TRY(table_read_file(path, FILE_MAX_BYTES, a, &text, &bytes));
    return yaml_tree_parse(path, text, bytes, a, root);
}
