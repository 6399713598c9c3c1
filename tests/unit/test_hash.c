#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

// Published FNV-1a 64-bit values (Fowler, Noll, Vo; draft-eastlake-fnv, test vectors).
static void agrees_with_published_fnv_values(void **state) {
    (void)state;
    assert_true(hash_bytes(HASH_SEED, "", 0) == 0xcbf29ce484222325ULL);
    assert_true(hash_bytes(HASH_SEED, "a", 1) == 0xaf63dc4c8601ec8cULL);
    assert_true(hash_bytes(HASH_SEED, "foobar", 6) == 0x85944171f73967e8ULL);
}

static void can_be_continued_in_pieces(void **state) {
    (void)state;
    uint64_t whole = hash_bytes(HASH_SEED, "foobar", 6);
    assert_true(hash_bytes(hash_bytes(HASH_SEED, "foo", 3), "bar", 3) == whole);
}

static void numbers_are_hashed_lowest_byte_first(void **state) {
    (void)state;
    const unsigned char bytes[8] = {0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01};
    assert_true(hash_u64(HASH_SEED, 0x0102030405060708ULL) == hash_bytes(HASH_SEED, bytes, 8));
}

static void equal_doubles_hash_alike_and_others_do_not(void **state) {
    (void)state;
    assert_true(hash_f64(HASH_SEED, 0.0) == hash_f64(HASH_SEED, -0.0));
    assert_true(hash_f64(HASH_SEED, (double)NAN) == hash_f64(HASH_SEED, -(double)NAN));
    assert_true(hash_f64(HASH_SEED, 1.0) != hash_f64(HASH_SEED, -1.0));
    assert_true(hash_f64(HASH_SEED, 1.0) != hash_f64(HASH_SEED, 1.0 + 0x1p-52));
    assert_true(hash_f64(HASH_SEED, (double)NAN) != hash_f64(HASH_SEED, 0.0));
}

static void text_ids_are_stable(void **state) {
    (void)state;
    assert_true(hash_text("foobar") == hash_finish(0x85944171f73967e8ULL));
    assert_true(hash_text("sole_skog_flats") == hash_text("sole_skog_flats"));
    assert_true(hash_text("home-1") != hash_text("home-2"));
}

static void finishing_spreads_a_change_of_one_bit(void **state) {
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        uint64_t change = hash_finish(0x123456789abcdefULL) ^ hash_finish(0x123456789abcdefULL ^ 1ULL << bit);
        int changed = 0;
        for (; change != 0; change &= change - 1) {
            changed++;
        }
        assert_in_range(changed, 12, 52);  // 32 expected, standard deviation 4
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_published_fnv_values),
        cmocka_unit_test(can_be_continued_in_pieces),
        cmocka_unit_test(numbers_are_hashed_lowest_byte_first),
        cmocka_unit_test(equal_doubles_hash_alike_and_others_do_not),
        cmocka_unit_test(text_ids_are_stable),
        cmocka_unit_test(finishing_spreads_a_change_of_one_bit),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
