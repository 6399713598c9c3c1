#include "matsim_wish.h"

#include <string.h>

enum { PARTS = 4, HEX = 16 };

typedef struct wish_words {
    char *line, *route, *access, *egress;  // NULL = not given
} wish_words;

static err_code keep(plan_builder *b, const wish_words *words, const chain_wish **out) {
    *out = NULL;
    if (words->line == NULL || words->access == NULL || words->egress == NULL) {
        return ERR_OK;
    }
    chain_wish *wish;
    ARENA_NEW(b->a, wish, 1);
    wish->line_id = plan_builder_name(b, words->line);
    wish->route_id = plan_builder_name(b, words->route != NULL ? words->route : "");
    wish->access_id = plan_builder_name(b, words->access);
    wish->egress_id = plan_builder_name(b, words->egress);
    if (wish->line_id == NULL || wish->route_id == NULL || wish->access_id == NULL || wish->egress_id == NULL) {
        return ERR_MEMORY;
    }
    *out = wish;
    return ERR_OK;
}

// access===line===route===egress, and perhaps ===more
static wish_words split(char *rest) {
    char *part[PARTS] = {0};
    for (int i = 0; i < PARTS && rest != NULL; i++) {
        char *end = strstr(rest, "===");
        part[i] = rest;
        rest = end != NULL ? end + 3 : NULL;
        if (end != NULL) {
            *end = '\0';
        }
    }
    return (wish_words){.access = part[0], .line = part[1], .route = part[2], .egress = part[3]};
}

// Ends the word behind a JSON string whose first quote is at *at, undoes its escapes in place and returns it; NULL when
// it does not end. Code points beyond ASCII written as \u.... become '?': ids in such escapes are not matched.
static char *json_string(char **at) {
    char *word = *at + 1, *to = word, *from = word;
    for (; *from != '"'; from++) {
        if (*from == '\0') {
            return NULL;
        }
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 'u' && strspn(from + 1, "0123456789abcdefABCDEF") >= 4) {
            unsigned code = 0;
            for (int i = 1; i <= 4; i++) {
                char c = from[i];
                code = code * HEX + (unsigned)(c <= '9' ? c - '0' : (c | ' ') - 'a' + 10);
            }
            *to++ = code > 0 && code < 128 ? (char)code : '?';
            from += 4;
        } else if (*from != '\0') {
            *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
        } else {
            return NULL;
        }
    }
    *to = '\0';
    *at = from + 1;
    return word;
}

// Of the outermost object; nested ones (chained routes) are passed over.
static wish_words read_json(char *at) {
    wish_words words = {0};
    char *key = NULL;
    const char blanks[] = " \t\r\n";
    for (int depth = 0; *at != '\0';) {
        if (*at != '"') {
            depth += *at == '{' || *at == '[' ? 1 : *at == '}' || *at == ']' ? -1 : 0;
            key = *at == ',' || *at == '{' ? NULL : key;
            at++;
            continue;
        }
        char *word = json_string(&at);
        if (word == NULL) {
            return (wish_words){0};
        }
        at += strspn(at, blanks);
        if (*at == ':') {
            key = word;
        } else if (depth == 1 && key != NULL) {
            char **field = strcmp(key, "transitLineId") == 0      ? &words.line
                           : strcmp(key, "transitRouteId") == 0   ? &words.route
                           : strcmp(key, "accessFacilityId") == 0 ? &words.access
                           : strcmp(key, "egressFacilityId") == 0 ? &words.egress
                                                                  : NULL;
            if (field != NULL) {
                *field = word;
            }
        }
    }
    return words;
}

err_code matsim_wish_read(plan_builder *b, char *route, const chain_wish **out) {
    route += strspn(route, " \t\r\n");
    size_t length = strlen(route);
    while (length > 0 && strchr(" \t\r\n", route[length - 1]) != NULL) {
        route[--length] = '\0';
    }
    wish_words words = {0};
    if (strncmp(route, "PT1===", 6) == 0) {
        words = split(route + 6);
    } else if (route[0] == '{') {
        words = read_json(route);
    }
    return keep(b, &words, out);
}
