#include "choice_expr.h"

#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"

enum { WORD_BYTES_MAX = 128, PARENTHESES_MAX = 32 };

typedef enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_NAME, TOKEN_SIGN } token_kind;

typedef struct compiler {
    const yaml_node *node;
    choice_names *names;
    const char *at;  // behind the present token
    token_kind kind;
    char word[WORD_BYTES_MAX];  // the token's text
    double number;
    uint32_t depth;  // open parentheses
    uint32_t stack;  // values on the stack
    uint32_t count;
    choice_step step[CHOICE_EXPR_CODE_MAX];
} compiler;

// --- words --------------------------------------------------------------------------------------------------------

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Bytes above 127 belong to names too: columns may be called "kø".
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static size_t number_length(const char *p) {
    size_t i = strspn(p, "0123456789");
    if (p[i] == '.') {
        i += 1 + strspn(p + i + 1, "0123456789");
    }
    if (p[i] == 'e' || p[i] == 'E') {
        size_t sign = p[i + 1] == '+' || p[i + 1] == '-' ? 1 : 0;
        size_t digits = strspn(p + i + 1 + sign, "0123456789");
        i += digits > 0 ? 1 + sign + digits : 0;
    }
    return i;
}

static size_t name_length(const char *p) {
    size_t i = 0;
    while (is_letter(p[i]) || is_digit(p[i]) || (i > 0 && p[i] == '.')) {
        i++;
    }
    return i;
}

static size_t sign_length(const char *p) {
    bool wide = (p[0] == '=' || p[0] == '!' || p[0] == '<' || p[0] == '>') && p[1] == '=';
    return wide ? 2 : p[0] != '\0' && strchr("+-*/()<>", p[0]) != NULL ? 1 : 0;
}

static err_code next_token(compiler *c) {
    c->at += strspn(c->at, " \t\r\n");
    const char *p = c->at;
    bool number = is_digit(p[0]) || (p[0] == '.' && is_digit(p[1]));
    size_t length = 0;
    if (number) {
        c->kind = TOKEN_NUMBER;
        length = number_length(p);
    } else if (is_letter(p[0])) {
        c->kind = TOKEN_NAME;
        length = name_length(p);
    } else if (p[0] != '\0') {
        c->kind = TOKEN_SIGN;
        length = sign_length(p);
        if (length == 0) {
            return yaml_tree_fail(c->node, ERR_FORMAT,
                                  "'%.20s' is not understood; write numbers, names, + - * / ( ) and == != < <= > >=, "
                                  "and, or, not, ln( )",
                                  p);
        }
    } else {
        c->kind = TOKEN_END;
    }
    if (length >= WORD_BYTES_MAX) {
        return yaml_tree_fail(c->node, ERR_FORMAT, "'%.20s...' is too long a word", p);
    }
    memcpy(c->word, p, length);
    c->word[length] = '\0';
    c->at = p + length;
    if (number) {
        c->number = strtod(c->word, NULL);
        if (!isfinite(c->number)) {
            return yaml_tree_fail(c->node, ERR_RANGE, "'%.40s' is too large a number", c->word);
        }
    }
    return ERR_OK;
}

static bool word_is(const compiler *c, const char *word) {
    return c->kind != TOKEN_END && strcmp(c->word, word) == 0;
}

// --- steps --------------------------------------------------------------------------------------------------------

static err_code add_step(compiler *c, choice_step s) {
    bool push = s.op <= CHOICE_OP_COLUMN;
    bool binary = s.op >= CHOICE_OP_ADD;
    if (c->count == CHOICE_EXPR_CODE_MAX || (push && c->stack == CHOICE_EXPR_STACK_MAX)) {
        return yaml_tree_fail(c->node, ERR_RANGE, "the expression is too long; divide it into variables");
    }
    c->stack = c->stack + (push ? 1 : 0) - (binary ? 1 : 0);
    c->step[c->count++] = s;
    return ERR_OK;
}

static err_code add_op(compiler *c, choice_op op) {
    return add_step(c, (choice_step){.op = op});
}

static uint32_t find(const char *const *name, uint32_t count, const char *wanted) {
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(name[i], wanted) == 0) {
            return i;
        }
    }
    return IX_NONE;
}

err_code choice_expr_column(choice_names *names, const char *name, const yaml_node *node, uint32_t *ix) {
    *ix = find(names->column, names->column_count, name);
    if (*ix == IX_NONE) {
        if (names->column_count == names->column_room) {
            return yaml_tree_fail(node, ERR_RANGE, "the model uses more than %u columns", names->column_room);
        }
        *ix = names->column_count++;
        names->column[*ix] = name;
        names->column_node[*ix] = node;
    }
    return ERR_OK;
}

static err_code add_name(compiler *c, arena *a) {
    choice_names *n = c->names;
    uint32_t ix = find(n->coefficient, n->coefficient_count, c->word);
    if (ix != IX_NONE) {
        n->used[ix] = 1;
        return add_step(c, (choice_step){.op = CHOICE_OP_NUMBER, .number = n->value[ix]});
    }
    ix = find(n->variable, n->variable_count, c->word);
    if (ix != IX_NONE) {
        const choice_expr *e = &n->variable_expr[ix];
        for (uint32_t i = 0; i < e->count; i++) {
            TRY(add_step(c, e->step[i]));
        }
        return ERR_OK;
    }
    const char *name = arena_text(a, c->word);
    if (name == NULL) {
        return ERR_MEMORY;
    }
    TRY(choice_expr_column(n, name, c->node, &ix));
    return add_step(c, (choice_step){.op = CHOICE_OP_COLUMN, .column = ix});
}

// --- grammar, loosest first ---------------------------------------------------------------------------------------

static err_code either(compiler *c, arena *a);

static err_code parentheses(compiler *c, arena *a) {
    if (!word_is(c, "(")) {
        return yaml_tree_fail(c->node, ERR_FORMAT, "'(' is missing after ln");
    }
    if (++c->depth > PARENTHESES_MAX) {
        return yaml_tree_fail(c->node, ERR_RANGE, "parentheses are more than %d deep", PARENTHESES_MAX);
    }
    TRY(next_token(c));
    TRY(either(c, a));
    if (!word_is(c, ")")) {
        return yaml_tree_fail(c->node, ERR_FORMAT, "')' is missing before '%.40s'", c->word);
    }
    c->depth--;
    return next_token(c);
}

static err_code operand(compiler *c, arena *a) {
    if (c->kind == TOKEN_NUMBER) {
        TRY(add_step(c, (choice_step){.op = CHOICE_OP_NUMBER, .number = c->number}));
        return next_token(c);
    }
    if (word_is(c, "ln")) {
        TRY(next_token(c));
        TRY(parentheses(c, a));
        return add_op(c, CHOICE_OP_LN);
    }
    if (word_is(c, "(")) {
        return parentheses(c, a);
    }
    if (c->kind != TOKEN_NAME || word_is(c, "and") || word_is(c, "or") || word_is(c, "not")) {
        return yaml_tree_fail(c->node, ERR_FORMAT, "a number or name is missing %s%.40s%s",
                              c->kind == TOKEN_END ? "at the end of the expression" : "before '", c->word,
                              c->kind == TOKEN_END ? "" : "'");
    }
    TRY(add_name(c, a));
    return next_token(c);
}

// Signs before an operand; several are allowed and bind tighter than *.
static err_code signed_operand(compiler *c, arena *a) {
    bool minus = false;
    while (word_is(c, "-") || word_is(c, "+")) {
        minus ^= c->word[0] == '-';
        TRY(next_token(c));
    }
    TRY(operand(c, a));
    return minus ? add_op(c, CHOICE_OP_NEGATE) : ERR_OK;
}

static err_code product(compiler *c, arena *a) {
    TRY(signed_operand(c, a));
    while (word_is(c, "*") || word_is(c, "/")) {
        choice_op op = c->word[0] == '*' ? CHOICE_OP_MULTIPLY : CHOICE_OP_DIVIDE;
        TRY(next_token(c));
        TRY(signed_operand(c, a));
        TRY(add_op(c, op));
    }
    return ERR_OK;
}

static err_code sum(compiler *c, arena *a) {
    TRY(product(c, a));
    while (word_is(c, "+") || word_is(c, "-")) {
        choice_op op = c->word[0] == '+' ? CHOICE_OP_ADD : CHOICE_OP_SUBTRACT;
        TRY(next_token(c));
        TRY(product(c, a));
        TRY(add_op(c, op));
    }
    return ERR_OK;
}

static err_code comparison(compiler *c, arena *a) {
    static const char *const sign[] = {"==", "!=", "<", "<=", ">", ">="};
    uint32_t negations = 0;
    for (; word_is(c, "not"); negations++) {
        TRY(next_token(c));
    }
    TRY(sum(c, a));
    for (int i = 0; i < 6; i++) {
        if (word_is(c, sign[i])) {
            TRY(next_token(c));
            TRY(sum(c, a));
            TRY(add_op(c, (choice_op)(CHOICE_OP_EQUAL + i)));
            break;
        }
    }
    for (; negations > 0; negations--) {
        TRY(add_op(c, CHOICE_OP_NOT));
    }
    return ERR_OK;
}

static err_code both(compiler *c, arena *a) {
    TRY(comparison(c, a));
    while (word_is(c, "and")) {
        TRY(next_token(c));
        TRY(comparison(c, a));
        TRY(add_op(c, CHOICE_OP_AND));
    }
    return ERR_OK;
}

static err_code either(compiler *c, arena *a) {
    TRY(both(c, a));
    while (word_is(c, "or")) {
        TRY(next_token(c));
        TRY(both(c, a));
        TRY(add_op(c, CHOICE_OP_OR));
    }
    return ERR_OK;
}

static err_code compile(compiler *c, arena *a, choice_expr *out) {
    TRY(next_token(c));
    TRY(either(c, a));
    if (c->kind != TOKEN_END) {
        return yaml_tree_fail(c->node, ERR_FORMAT,
                              "'%.40s' is not expected here; an operator such as + or * is missing", c->word);
    }
    *out = (choice_expr){.node = c->node, .count = c->count};
    ARENA_NEW(a, out->step, c->count);
    memcpy(out->step, c->step, c->count * sizeof *c->step);
    return ERR_OK;
}

err_code choice_expr_compile(const yaml_node *node, choice_names *names, arena *a, choice_expr *out) {
    if (node->kind != YAML_SCALAR || node->text[0] == '\0') {
        return yaml_tree_fail(node, ERR_FORMAT, "an expression such as 'b_time * TIME / 60' is needed here");
    }
    compiler *c = mem_alloc(sizeof *c);  // some 100 kB: not for the stack
    if (c == NULL) {
        return ERR_MEMORY;
    }
    c->node = node;
    c->names = names;
    c->at = node->text;
    err_code code = compile(c, a, out);
    mem_free(c);
    return code;
}

// --- running ------------------------------------------------------------------------------------------------------

static double binary(choice_op op, double x, double y) {
    switch (op) {
        case CHOICE_OP_ADD:
            return x + y;
        case CHOICE_OP_SUBTRACT:
            return x - y;
        case CHOICE_OP_MULTIPLY:
            return x * y;
        case CHOICE_OP_DIVIDE:
            return x / y;
        case CHOICE_OP_EQUAL:
            return x == y;
        case CHOICE_OP_UNEQUAL:
            return x != y;
        case CHOICE_OP_LESS:
            return x < y;
        case CHOICE_OP_AT_MOST:
            return x <= y;
        case CHOICE_OP_GREATER:
            return x > y;
        case CHOICE_OP_AT_LEAST:
            return x >= y;
        case CHOICE_OP_AND:
            return x != 0.0 && y != 0.0;
        default:
            return x != 0.0 || y != 0.0;
    }
}

double choice_expr_run(const choice_expr *e, const double *column) {
    double stack[CHOICE_EXPR_STACK_MAX];
    uint32_t top = 0;  // values on the stack
    for (uint32_t i = 0; i < e->count; i++) {
        const choice_step *s = &e->step[i];
        switch (s->op) {
            case CHOICE_OP_NUMBER:
                stack[top++] = s->number;
                break;
            case CHOICE_OP_COLUMN:
                stack[top++] = column[s->column];
                break;
            case CHOICE_OP_NEGATE:
                stack[top - 1] = -stack[top - 1];
                break;
            case CHOICE_OP_NOT:
                stack[top - 1] = stack[top - 1] == 0.0;
                break;
            case CHOICE_OP_LN:
                stack[top - 1] = dmath_log(stack[top - 1]);
                break;
            default:
                top--;
                stack[top - 1] = binary(s->op, stack[top - 1], stack[top]);
        }
    }
    return stack[0];
}
