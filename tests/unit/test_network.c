#include "world/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "support.h"

static arena memory;

static int start(void **state) {
    (void)state;
    arena_init(&memory);
    return 0;
}

static int stop(void **state) {
    (void)state;
    arena_free(&memory);
    return 0;
}

// n0 <-> n1 -> n2, and n0 -> n2: links l0 (0>1), l1 (1>2), l2 (0>2), l3 (1>0) in file order.
static void small_network(network *n) {
    static const uint32_t from[4] = {0, 1, 0, 1}, to[4] = {1, 2, 2, 0};
    support_blank_network(&memory, n, 3, 4);
    for (uint32_t e = 0; e < 4; e++) {
        n->link.from_ix[e] = from[e];
        n->link.to_ix[e] = to[e];
        n->link.length_m[e] = (float)(100 * (e + 1));
    }
}

static void sorts_links_by_to_node_and_keeps_their_order(void **state) {
    (void)state;
    network n;
    small_network(&n);
    assert_ok(network_build(&n, &memory));
    static const char *const expected[4] = {"l3", "l0", "l1", "l2"};
    for (uint32_t e = 0; e < 4; e++) {
        assert_string_equal(n.link.id[e], expected[e]);
        assert_near(n.link.length_m[e], 100 * (expected[e][1] - '0' + 1), 0);  // columns move together
    }
    static const uint32_t in_first[4] = {0, 1, 2, 4};
    assert_memory_equal(n.in_first, in_first, sizeof in_first);
    assert_ok(network_validate(&n));
}

static void lists_out_links_in_ascending_order(void **state) {
    (void)state;
    network n;
    small_network(&n);
    assert_ok(network_build(&n, &memory));
    static const uint32_t out_first[4] = {0, 2, 4, 4}, out_link[4] = {1, 3, 0, 2};
    assert_memory_equal(n.out_first, out_first, sizeof out_first);
    assert_memory_equal(n.out_link, out_link, sizeof out_link);
}

static void finds_nodes_and_links_by_id(void **state) {
    (void)state;
    network n;
    small_network(&n);
    assert_ok(network_build(&n, &memory));
    assert_int_equal(network_find_node(&n, "n2"), 2);
    assert_int_equal(network_find_node(&n, "n3"), IX_NONE);
    assert_int_equal(network_find_link(&n, "l3"), 0);
    assert_int_equal(network_find_link(&n, "l2"), 3);
    assert_int_equal(network_find_link(&n, ""), IX_NONE);
}

static void rejects_duplicate_and_missing_ids(void **state) {
    (void)state;
    network n;
    small_network(&n);
    n.node.id[2] = "n0";
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "node id 'n0' is used twice");
    small_network(&n);
    n.link.id[3] = "l1";
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "link id 'l1' is used twice");
    small_network(&n);
    n.link.id[3] = "";
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "link 3 of the table has no id");
    small_network(&n);
    n.node.id[1] = NULL;
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "node 1 of the table has no id");
}

static void rejects_unknown_nodes(void **state) {
    (void)state;
    network n;
    small_network(&n);
    n.link.to_ix[2] = 3;
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "link 'l2': its to node is not in the network");
    small_network(&n);
    n.link.from_ix[0] = IX_NONE;
    assert_error(network_build(&n, &memory), ERR_REFERENCE, "link 'l0': its from node");
    assert_error(network_validate(&n), ERR_REFERENCE, "link 'l0'");
}

#define EXPECT_INVALID(change, code, message)              \
    do {                                                   \
        network n;                                         \
        small_network(&n);                                 \
        change;                                            \
        assert_error(network_validate(&n), code, message); \
    } while (0)

static void names_the_link_whose_values_are_wrong(void **state) {
    (void)state;
    EXPECT_INVALID(n.link.length_m[1] = 0, ERR_RANGE, "link 'l1': length 0 m");
    EXPECT_INVALID(n.link.length_m[1] = -5, ERR_RANGE, "link 'l1': length -5 m");
    EXPECT_INVALID(n.link.length_m[1] = NAN, ERR_RANGE, "link 'l1': length");
    EXPECT_INVALID(n.link.length_m[1] = INFINITY, ERR_RANGE, "link 'l1': length");
    EXPECT_INVALID(n.link.allowed[2] = 0, ERR_RANGE, "link 'l2': nobody may use it");
    EXPECT_INVALID(n.link.allowed[2] = 64, ERR_RANGE, "link 'l2': unknown users");
    EXPECT_INVALID(n.link.free_speed_mps[3] = 0, ERR_RANGE, "link 'l3': free speed");
    EXPECT_INVALID(n.link.capacity_vph[3] = -1, ERR_RANGE, "link 'l3': capacity");
    EXPECT_INVALID(n.link.lanes[3] = NAN, ERR_RANGE, "link 'l3': lanes");
    EXPECT_INVALID(n.link.grade_pct[0] = 101, ERR_RANGE, "link 'l0': gradient");
    EXPECT_INVALID(n.link.toll_nok[0] = -1, ERR_RANGE, "link 'l0': toll");
    EXPECT_INVALID(n.link.cycle_facility[0] = CYCLE_FACILITY_COUNT, ERR_RANGE, "link 'l0': cycle facility");
    EXPECT_INVALID(n.link.inside[0] = 3, ERR_RANGE, "link 'l0': inside");
    EXPECT_INVALID(n.link.to_ix[0] = 0, ERR_REFERENCE, "link 'l0': starts and ends at the same node");
    EXPECT_INVALID(n.node.x_m[1] = (double)NAN, ERR_RANGE, "node 'n1': its coordinates");
    EXPECT_INVALID(n.node.control[1] = 9, ERR_RANGE, "node 'n1': junction control");
    EXPECT_INVALID(n.link.count = 0, ERR_RANGE, "0 links");
}

static void paths_need_no_car_values(void **state) {
    (void)state;
    network n;
    small_network(&n);
    n.link.allowed[1] = ALLOW_WALK | ALLOW_CYCLE;
    n.link.free_speed_mps[1] = 0;
    n.link.capacity_vph[1] = 0;
    n.link.lanes[1] = 0;
    assert_ok(network_validate(&n));
    n.link.allowed[1] = ALLOW_LORRY;
    assert_error(network_validate(&n), ERR_RANGE, "link 'l1'");
}

static void a_copy_shares_nothing_that_changes(void **state) {
    (void)state;
    network n, copy;
    small_network(&n);
    assert_ok(network_build(&n, &memory));
    arena other;
    arena_init(&other);
    assert_ok(network_copy(&n, &other, &copy));
    assert_true(network_hash(&copy) == network_hash(&n));
    assert_ok(network_validate(&copy));
    assert_int_equal(network_find_link(&copy, "l1"), 2);
    uint64_t before = network_hash(&n);
    copy.link.free_speed_mps[0] = 3;
    copy.node.x_m[0] = 1;
    copy.in_first[0] = 9;
    copy.out_link[0] = 9;
    assert_true(network_hash(&n) == before);
    assert_true(network_hash(&copy) != before);
    assert_int_equal(n.in_first[0], 0);
    assert_int_equal(n.out_link[0], 1);
    arena_free(&other);
}

static void every_column_counts_in_the_hash(void **state) {
    (void)state;
    network n;
    small_network(&n);
    assert_ok(network_build(&n, &memory));
    uint64_t before = network_hash(&n);
    column all[COLUMN_COUNT(NODE_COLUMNS) + COLUMN_COUNT(LINK_COLUMNS)];
    network_describe_nodes(&n, all);
    network_describe_links(&n, all + COLUMN_COUNT(NODE_COLUMNS));
    for (size_t c = 0; c < sizeof all / sizeof all[0]; c++) {
        size_t bytes = column_value_bytes(all[c].type);
        unsigned char kept[8];
        unsigned char *last = (unsigned char *)(uintptr_t)all[c].data + 2 * bytes;
        memcpy(kept, last, bytes);
        static const char *const changed_text = "changed";
        static const unsigned char changed[8] = {1, 1, 1, 1, 1, 1, 1, 1};
        memcpy(last, all[c].type == COLUMN_TEXT ? (const void *)&changed_text : changed, bytes);
        if (network_hash(&n) == before && memcmp(kept, changed, bytes) != 0) {
            fail_msg("column %s does not count", all[c].name);
        }
        memcpy(last, kept, bytes);
    }
    assert_true(network_hash(&n) == before);
}

static void describes_its_columns(void **state) {
    (void)state;
    network n;
    small_network(&n);
    column links[COLUMN_COUNT(LINK_COLUMNS)];
    network_describe_links(&n, links);
    assert_int_equal(COLUMN_COUNT(LINK_COLUMNS), 17);
    assert_string_equal(links[0].name, "id");
    assert_int_equal(links[0].type, COLUMN_TEXT);
    assert_string_equal(links[7].name, "free_speed_mps");
    assert_string_equal(links[7].unit, "m s-1");
    assert_int_equal(links[7].type, COLUMN_F32);
    assert_ptr_equal(links[7].data, n.link.free_speed_mps);
    assert_int_equal(links[14].type, COLUMN_U16);
}

static void the_nearest_node_touches_a_usable_link(void **state) {
    (void)state;
    network n;
    support_line_network(&memory, &n, 4, 100, 50, 1800);  // n0 at 600000, n1 at 600100, ...
    assert_int_equal(network_nearest_node(&n, 600120, 6600000, ALLOW_CAR), 1);
    assert_int_equal(network_nearest_node(&n, 600150, 6600000, ALLOW_CAR), 1);  // as near as n2: the lower index
    for (uint32_t e = 0; e < 3; e++) {
        n.link.allowed[e] = ALLOW_WALK;
    }
    assert_int_equal(network_nearest_node(&n, 600120, 6600000, ALLOW_CAR), 3);
    assert_int_equal(network_nearest_node(&n, 600120, 6600000, ALLOW_WALK), 1);
    assert_int_equal(network_nearest_node(&n, 600120, 6600000, ALLOW_CAR | ALLOW_WALK), 3);
    n.link.allowed[3] = ALLOW_WALK;
    assert_int_equal(network_nearest_node(&n, 600120, 6600000, ALLOW_CAR), IX_NONE);
}

static void the_order_of_the_file_decides_among_in_links(void **state) {
    (void)state;
    network n;
    support_grid_network(&memory, &n, 7, 5, 100, 50, 1800, 1);
    assert_int_equal(n.node.count, 35);
    assert_int_equal(n.link.count, 116);
    uint32_t e = network_find_link(&n, "l3_2-3_1");
    assert_int_not_equal(e, IX_NONE);
    assert_int_equal(n.link.from_ix[e], network_find_node(&n, "n3_2"));
    assert_int_equal(n.link.to_ix[e], network_find_node(&n, "n3_1"));
    for (uint32_t i = 1; i < n.link.count; i++) {
        assert_true(n.link.to_ix[i] >= n.link.to_ix[i - 1]);
    }
}

static void an_unbuilt_network_can_be_copied(void **state) {
    (void)state;
    network n, copy;
    small_network(&n);
    assert_ok(network_copy(&n, &memory, &copy));
    assert_null(copy.in_first);
    assert_true(network_hash(&copy) == network_hash(&n));
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    for (int64_t i = 0; i < 2; i++) {
        network n;
        arena a;
        arena_init(&a);
        mem_fail_after(i);
        err_code code = network_alloc(&n, &a, 100000, 100000);
        mem_fail_after(-1);
        assert_error(code, ERR_MEMORY, "out of memory");
        arena_free(&a);
    }
}

static void facilities_have_the_names_of_the_file_format(void **state) {
    (void)state;
    assert_string_equal(network_cycle_facility_name(CYCLE_MIXED_SLOW), "mixed_slow");
    assert_string_equal(network_cycle_facility_name(CYCLE_MIXED_FAST), "mixed_fast");
    assert_string_equal(network_cycle_facility_name(CYCLE_LANE), "lane");
    assert_string_equal(network_cycle_facility_name(CYCLE_PATH_ALONG), "path_along");
    assert_string_equal(network_cycle_facility_name(CYCLE_PATH_OWN), "path_own");
    assert_string_equal(network_cycle_facility_name(CYCLE_FACILITY_COUNT), "?");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(sorts_links_by_to_node_and_keeps_their_order),
        CASE(lists_out_links_in_ascending_order),
        CASE(finds_nodes_and_links_by_id),
        CASE(rejects_duplicate_and_missing_ids),
        CASE(rejects_unknown_nodes),
        CASE(names_the_link_whose_values_are_wrong),
        CASE(paths_need_no_car_values),
        CASE(a_copy_shares_nothing_that_changes),
        CASE(every_column_counts_in_the_hash),
        CASE(describes_its_columns),
        CASE(the_nearest_node_touches_a_usable_link),
        CASE(the_order_of_the_file_decides_among_in_links),
        CASE(an_unbuilt_network_can_be_copied),
        CASE(running_out_of_memory_is_an_error),
        CASE(facilities_have_the_names_of_the_file_format),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
