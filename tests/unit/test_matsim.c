// MATSim networks, plans and events, and plans.csv, on a tiny scenario; and every way in which it can be wrong.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/log.h"
#include "io/matsim.h"
#include "io/plans_csv.h"
#include "io_case.h"
#include "matsim_case.h"
#include "support.h"

enum { TEXT_BYTES = 1 << 14 };

typedef struct fixture {
    char folder[256];
    arena a;
    network n;
    matsim_network_info info;
} fixture;

static fixture f;

static const char *file(const char *name) {
    static char path[4][512];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", f.folder, name);
    return path[next];
}

static void write_text(const char *name, const char *content) {
    support_write_file(f.folder, name, content, strlen(content));
}

static int make(void **state) {
    (void)state;
    log_set_level(LOG_QUIET);
    arena_init(&f.a);
    support_temp_dir(f.folder);
    write_text("network.xml", matsim_case_network);
    assert_ok(matsim_load_network(file("network.xml"), &f.a, &f.n, &f.info));
    return 0;
}

static int drop(void **state) {
    (void)state;
    arena_free(&f.a);
    io_case_remove(f.folder);
    return 0;
}

// Content with the first `find` replaced.
static const char *edited(const char *content, const char *find, const char *replace) {
    static char buffer[2][TEXT_BYTES];
    static int next;
    char *out = buffer[next = !next];  // so that an edited content can be edited
    const char *at = strstr(content, find);
    assert_non_null(at);
    size_t before = (size_t)(at - content), put = strlen(replace), after = strlen(at + strlen(find)) + 1;
    assert_true(before + put + after <= TEXT_BYTES);
    memmove(out, content, before);  // the two buffers alternate, which the compiler cannot know
    memmove(out + before, replace, put);
    memmove(out + before + put, at + strlen(find), after);
    return out;
}

static void write_gz(const char *name, const char *content, size_t keep) {
    static char bytes[TEXT_BYTES];
    gzFile z = gzopen(file("whole.gz"), "wb");
    assert_int_equal(gzwrite(z, content, (unsigned)strlen(content)), strlen(content));
    assert_int_equal(gzclose(z), Z_OK);
    FILE *in = fopen(file("whole.gz"), "rb");
    size_t count = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    support_write_file(f.folder, name, bytes, keep < count ? keep : count);
}

// --- network ------------------------------------------------------------------------------------------------------

static void reads_a_network_of_version_2(void **state) {
    (void)state;
    const link_columns *t = &f.n.link;
    uint32_t a = network_find_link(&f.n, "a"), b = network_find_link(&f.n, "b"), c = network_find_link(&f.n, "c");
    assert_int_equal(f.n.node.count, 4);
    assert_int_equal(t->count, 6);
    assert_near(f.info.cell_size_m, 6.5, 0);
    uint32_t n1 = network_find_node(&f.n, "n1"), n3 = network_find_node(&f.n, "n3");
    assert_near(f.n.node.x_m[n1], -100.5, 0);
    assert_near(f.n.node.lon[n1], 0, 0);
    assert_near(f.n.node.z_m[n3], 12, 0);
    assert_near(t->capacity_vph[a], 1800, 0);  // 900 in half an hour
    assert_near(t->capacity_vph[b], 3600, 0);
    assert_near(t->lanes[b], 2, 0);
    assert_near(t->length_m[b], 1000, 0);
    assert_near(t->free_speed_mps[b], 20, 0);
    assert_string_equal(t->road_class[a], "primary");
    assert_int_equal(t->allowed[a], ALLOW_CAR | ALLOW_LORRY | ALLOW_CYCLE);
    assert_int_equal(t->allowed[c], ALLOW_CAR | ALLOW_LORRY);  // no modes: car
    assert_int_equal(t->allowed[network_find_link(&f.n, "b2")], ALLOW_CYCLE);
    assert_int_equal(t->allowed[network_find_link(&f.n, "t")], ALLOW_BUS);
}

static void reads_a_network_of_version_1_plain_and_compressed(void **state) {
    (void)state;
    static const char v1[] =
        "<network name=\"x\">\n" MATSIM_CASE_NODES
        "<links capperiod=\"01:00:00\">\n<link id=\"1\" from=\"n1\" to=\"n2\" length=\"50\" capacity=\"600\" "
        "freespeed=\"13.9\" permlanes=\"1\" oneway=\"0\" origid=\"\" type=\"4\"/>\n</links></network>";
    network n;
    matsim_network_info info;
    write_text("v1.xml", v1);
    write_gz("v1.xml.gz", v1, TEXT_BYTES);
    static const char *const names[] = {"v1.xml", "v1.xml.gz"};
    for (int i = 0; i < 2; i++) {
        assert_ok(matsim_load_network(file(names[i]), &f.a, &n, &info));
        assert_int_equal(info.links_in_file, 1);
        assert_int_equal(n.link.count, 2);
        uint32_t back = network_find_link(&n, "1-r");
        assert_int_equal(n.link.from_ix[back], network_find_node(&n, "n2"));
        assert_near(n.link.capacity_vph[back], 600, 0);
        assert_near(info.cell_size_m, 7.5, 0);
    }
}

static void mends_what_matsim_puts_up_with(void **state) {
    (void)state;
    static const char *const odd[] = {
        "length=\"0\" freespeed=\"10\" capacity=\"900\"", "length=\"500\" freespeed=\"Infinity\" capacity=\"900\"",
        "length=\"500\" freespeed=\"10\" capacity=\"0\"", "length=\"1\" freespeed=\"10\" capacity=\"1e12\""};
    uint32_t before = log_warning_count();
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        network n;
        matsim_network_info info;
        write_text("odd.xml", edited(matsim_case_network, "length=\"500\" freespeed=\"10\" capacity=\"900\"", odd[i]));
        assert_ok(matsim_load_network(file("odd.xml"), &f.a, &n, &info));
        assert_int_equal(info.repaired, 1);
    }
    assert_int_equal(log_warning_count(), before + 4);
    network n;
    matsim_network_info info;
    write_text("odd.xml",
               edited(matsim_case_network, "id=\"t\" from=\"n1\" to=\"n4\"", "id=\"t\" from=\"n1\" to=\"n1\""));
    assert_ok(matsim_load_network(file("odd.xml"), &f.a, &n, &info));
    assert_int_equal(info.loops, 1);
    assert_int_equal(n.link.count, 5);
}

typedef struct bad_case {
    const char *find, *replace;
    err_code code;
    const char *message;
} bad_case;

static void bad_networks_are_located(void **state) {
    (void)state;
    static const bad_case bad[] = {
        {"<network ", "<networks ", ERR_FORMAT, "x.xml:3: this is not a MATSim network"},
        {"</links>", "", ERR_FORMAT, "x.xml:19: this is not well-formed XML: mismatched tag"},
        {"x=\"1e3\"", "x=\"east\"", ERR_FORMAT, "x.xml:9: x=\"east\" is not a number"},
        {"x=\"1e3\"", "x=\"\"", ERR_FORMAT, "x.xml:9: the attribute 'x' is missing or empty"},
        {"x=\"1e3\"", "", ERR_FORMAT, "x.xml:9: the attribute 'x' is missing"},
        {"x=\"1e3\"", "x=\"nan\"", ERR_FORMAT, "x.xml:9: x=\"nan\" is not a number"},
        {"id=\"n4\"", "id=\"n3\"", ERR_REFERENCE, "'n3' is used twice"},
        {"to=\"n4\" length=\"500\"", "to=\"n9\" length=\"500\"", ERR_REFERENCE, "x.xml:15: there is no node 'n9'"},
        {"id=\"c\"", "id=\"d\"", ERR_REFERENCE, "x.xml: link id 'd' is used twice"},
        {"length=\"500\" freespeed=\"10\"", "length=\"-5\" freespeed=\"10\"", ERR_RANGE, "x.xml:15: length=\"-5\""},
        {"length=\"500\" freespeed=\"10\"", "length=\"500\" freespeed=\"0\"", ERR_RANGE,
         "x.xml:15: link 'c': freespeed"},
        {"length=\"500\" freespeed=\"10\"", "length=\"5\"", ERR_FORMAT, "x.xml:15: the attribute 'freespeed'"},
        {"capperiod=\"00:30:00\"", "capperiod=\"0\"", ERR_RANGE, "x.xml:11: capperiod must be above 0"},
        {"capperiod=\"00:30:00\"", "capperiod=\"1:2:3:4\"", ERR_FORMAT,
         "x.xml:11: capperiod=\"1:2:3:4\" is not a time"},
        {"capperiod=\"00:30:00\"", "capperiod=\"00:61\"", ERR_FORMAT, "is not a time"},
        {"effectivecellsize=\"6.5\"", "effectivecellsize=\"0\"", ERR_RANGE, "effectivecellsize=\"0\" is outside"},
        {"</network>", "<links/></network>", ERR_FORMAT, "x.xml:19: a second list of links"},
        {"</links>", "</links><node id=\"n5\" x=\"0\" y=\"0\"/>", ERR_FORMAT, "a node after the links"},
        {"<nodes>", "<link id=\"q\"/><nodes>", ERR_FORMAT, "x.xml:5: a link outside the list of links"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        network n;
        matsim_network_info info;
        write_text("x.xml", edited(matsim_case_network, bad[i].find, bad[i].replace));
        assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), bad[i].code, bad[i].message);
    }
}

static void broken_files_are_located(void **state) {
    (void)state;
    network n;
    matsim_network_info info;
    assert_error(matsim_load_network(file("none.xml"), &f.a, &n, &info), ERR_FILE, "none.xml: cannot be opened");
    assert_error(matsim_load_network(f.folder, &f.a, &n, &info), ERR_FILE, "cannot be read");
    write_text("x.xml", "");
    assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), ERR_FORMAT, "x.xml:1: this is not well-formed");
    write_text("x.xml", "<network/>");
    assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), ERR_FORMAT, "0 nodes and 0 links");
    write_text("x.xml", "<network>\n<nodes>\n<node id=\"\xff\" x=\"0\" y=\"0\"/>");
    assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), ERR_FORMAT, "x.xml:3:");
    write_gz("cut.xml.gz", matsim_case_network, 200);
    assert_error(matsim_load_network(file("cut.xml.gz"), &f.a, &n, &info), ERR_FILE, "the compressed file is cut off");
    static const char bomb[] =
        "<!DOCTYPE n [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
        "<network name=\"&b;\"><nodes><node id=\"&b;\" x=\"0\" y=\"0\"/></nodes></network>";
    write_text("x.xml", bomb);
    assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), ERR_FORMAT, "x.xml");
    char deep[TEXT_BYTES] = "<network>";
    for (int i = 0; i < 200; i++) {
        strcat(deep, "<x>");
    }
    write_text("x.xml", deep);
    assert_error(matsim_load_network(file("x.xml"), &f.a, &n, &info), ERR_FORMAT, "nested more than");
}

// --- plans --------------------------------------------------------------------------------------------------------

static void load_plans(const char *name, const char *content, chain_plans *plans) {
    write_text(name, content);
    assert_ok(matsim_load_plans(file(name), &f.n, &f.a, plans));
}

static void check_plans(const chain_plans *p) {
    assert_int_equal(p->person_count, 3);
    assert_int_equal(p->leg_count, 3);
    assert_string_equal(p->person_id[1], "p2");
    static const uint32_t first[] = {0, 2, 3, 3};
    assert_memory_equal(p->leg_first, first, sizeof first);
    const chain_leg *drive = &p->leg[0], *walk = &p->leg[1], *lorry = &p->leg[2];
    assert_int_equal(drive->kind, CHAIN_DRIVE);
    assert_int_equal(drive->end_s, 25200);
    assert_int_equal(drive->stay_s, IX_NONE);
    assert_string_equal(drive->activity, "home");
    assert_int_equal(drive->start_link, network_find_link(&f.n, "a"));
    assert_int_equal(drive->end_link, network_find_link(&f.n, "c"));
    assert_int_equal(drive->route_count, 2);
    assert_int_equal(p->route_link[drive->route_first], network_find_link(&f.n, "b"));
    assert_int_equal(p->route_link[drive->route_first + 1], network_find_link(&f.n, "c"));
    assert_int_equal(walk->kind, CHAIN_TELEPORT);
    assert_int_equal(walk->travel_s, 150);
    assert_int_equal(walk->stay_s, 600);
    assert_string_equal(walk->activity, "work");
    assert_int_equal(lorry->vehicle, VEHICLE_LORRY);
    assert_int_equal(lorry->kind, CHAIN_DRIVE);
    assert_int_equal(lorry->end_s, 25 * 3600 + 1);
    assert_int_equal(lorry->route_count, 1);
    assert_string_equal(p->last_activity[1], "home");
    assert_string_equal(p->last_activity[2], "");
}

static void reads_the_same_plans_from_three_versions(void **state) {
    (void)state;
    static const char *const versions[] = {matsim_case_v4, matsim_case_v5, matsim_case_v6};
    for (int i = 0; i < 3; i++) {
        chain_plans p;
        load_plans("plans.xml", versions[i], &p);
        check_plans(&p);
        write_gz("plans.xml.gz", versions[i], TEXT_BYTES);
        assert_ok(matsim_load_plans(file("plans.xml.gz"), &f.n, &f.a, &p));
        check_plans(&p);
    }
}

static void a_day_starts_and_ends_on_the_same_link(void **state) {
    (void)state;
    chain_plans p;
    load_plans("plans.xml",
               edited(matsim_case_v4, "<route> n2 n3 </route></leg>\n<act type=\"work\" link=\"c\"",
                      "<route> </route></leg>\n<act type=\"work\" link=\"a\""),
               &p);
    assert_int_equal(p.leg[0].kind, CHAIN_DRIVE);
    assert_int_equal(p.leg[0].route_count, 0);
    load_plans("plans.xml",
               edited(matsim_case_v4, "<route> n2 n3 </route></leg>\n<act type=\"work\" link=\"c\"",
                      "<route> n2 n3 n4 n1 </route></leg>\n<act type=\"work\" link=\"a\""),
               &p);
    assert_int_equal(p.leg[0].route_count, 4);  // once round the square
    load_plans("plans.xml",
               edited(matsim_case_v5, "start_link=\"a\" end_link=\"c\">a b c<", "start_link=\"a\" end_link=\"a\">a<"),
               &p);
    assert_int_equal(p.leg[0].kind, CHAIN_DRIVE);
    assert_int_equal(p.leg[0].route_count, 0);
}

typedef struct fault_case {
    const char *content, *find, *replace;
    chain_fault fault;
} fault_case;

static void legs_that_cannot_be_driven_are_counted_with_their_reason(void **state) {
    (void)state;
    static const fault_case faults[] = {
        {matsim_case_v4, "<route> n2 n3 </route>", "", CHAIN_NO_ROUTE},
        {matsim_case_v4, "<route> n2 n3 </route>", "<route> n2 n9 </route>", CHAIN_UNKNOWN_LINK},
        {matsim_case_v4, "<route> n2 n3 </route>", "<route> n3 </route>", CHAIN_GAP},
        {matsim_case_v4, "<route> n2 n3 </route>", "<route> n2 n4 </route>", CHAIN_GAP},
        {matsim_case_v4, "<route> n2 n3 </route>", "<route> n2 </route>", CHAIN_GAP},
        {matsim_case_v4, "link=\"a\" end_time=\"07:00\"", "link=\"zz\" end_time=\"07:00\"", CHAIN_UNKNOWN_LINK},
        {matsim_case_v4, "link=\"a\" end_time=\"07:00\"", "end_time=\"07:00\"", CHAIN_NO_ROUTE},
        {matsim_case_v5, ">a b c<", ">a b x<", CHAIN_UNKNOWN_LINK},
        {matsim_case_v5, ">a b c<", ">a c<", CHAIN_GAP},
        {matsim_case_v5, ">a b c<", ">a b2 c<", CHAIN_CLOSED},
        {matsim_case_v5, ">a b c<", "><", CHAIN_NO_ROUTE},
        {matsim_case_v5, "type=\"links\" start_link=\"a\"", "type=\"generic\" start_link=\"a\"", CHAIN_NO_ROUTE},
        {matsim_case_v5, "start_link=\"a\"", "start_link=\"q\"", CHAIN_UNKNOWN_LINK},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        chain_plans p;
        uint32_t before = log_warning_count();
        load_plans("plans.xml", edited(faults[i].content, faults[i].find, faults[i].replace), &p);
        if (p.leg[0].fault != faults[i].fault || p.leg[0].kind != CHAIN_UNUSABLE) {
            fail_msg("'%s' for '%s': fault %u, kind %u", faults[i].replace, faults[i].find, p.leg[0].fault,
                     p.leg[0].kind);
        }
        assert_int_equal(p.leg_count, 3);
        assert_int_equal(p.leg[0].route_count, 0);
        assert_true(log_warning_count() > before);
    }
}

static void legs_without_a_time_are_guessed_or_never_start(void **state) {
    (void)state;
    chain_plans p;
    load_plans("plans.xml",
               edited(matsim_case_v4, "<leg mode=\"walk\" trav_time=\"00:02:30\"/>\n",
                      "<leg mode=\"walk\"><route dist=\"100\"/></leg>"),
               &p);
    assert_int_equal(p.leg[1].travel_s, 120);  // 3 km/h
    load_plans("plans.xml", edited(matsim_case_v4, "trav_time=\"00:02:30\"", "dep_time=\"8:00\" arr_time=\"8:10\""),
               &p);
    assert_int_equal(p.leg[1].travel_s, 600);
    load_plans("plans.xml", edited(matsim_case_v4, " dur=\"00:10:00\"", ""), &p);
    assert_int_equal(p.leg[1].end_s, IX_NONE);
    assert_int_equal(p.leg[1].stay_s, IX_NONE);
    load_plans("plans.xml",
               edited(edited(matsim_case_v4, " dur=\"00:10:00\"", ""), "<leg mode=\"walk\"",
                      "<leg mode=\"walk\" dep_time=\"09:00\""),
               &p);
    assert_int_equal(p.leg[1].end_s, 32400);
}

static void bad_plans_are_located(void **state) {
    (void)state;
    static const bad_case bad[] = {
        {"<plans>", "<facilities>", ERR_FORMAT, "x.xml:3: these are not MATSim plans"},
        {"</person>", "", ERR_FORMAT, "x.xml:13: a person inside a person"},
        {"id=\"p1\"", "", ERR_FORMAT, "x.xml:4: the attribute 'id'"},
        {"id=\"p2\"", "id=\"p1\"", ERR_REFERENCE, "x.xml:13: the person id 'p1' is used twice, first on line 4"},
        {"end_time=\"07:00\"", "end_time=\"seven\"", ERR_FORMAT, "x.xml:6: end_time=\"seven\" is not a time"},
        {"end_time=\"07:00\"", "end_time=\"-07:00\"", ERR_FORMAT, "x.xml:6: end_time=\"-07:00\" is not a time"},
        {"dur=\"00:10:00\"", "dur=\"1e99\"", ERR_FORMAT, "x.xml:8: dur=\"1e99\" is not a time"},
        {"x=\"0\" y=\"0\"", "x=\"a\" y=\"0\"", ERR_FORMAT, "x.xml:6: x=\"a\" is not a number"},
        {"mode=\"car\" num", "num", ERR_FORMAT, "x.xml:7: the attribute 'mode'"},
        {"<leg mode=\"walk\" trav_time=\"00:02:30\"/>\n", "", ERR_FORMAT, "x.xml:9: two activities without a leg"},
        {"<leg mode=\"walk\"", "<leg mode=\"pt\"/><leg mode=\"walk\"", ERR_FORMAT, "x.xml:9: two legs without"},
        {"<plan>\n<act", "<plan>\n<leg mode=\"car\"/><act", ERR_FORMAT, "x.xml:6: a leg without an activity before"},
        {"<act type=\"home\" link=\"a\"/>\n</plan>", "</plan>", ERR_FORMAT, "x.xml:10: the plan ends with a leg"},
        {"<act type=\"home\" link=\"a\"/>\n</plan>", "", ERR_FORMAT, "mismatched tag"},
        {"</route>", "</route><route/>", ERR_FORMAT, "x.xml:7: a route that belongs to no leg"},
        {"<person id=\"p3\"/>", "<plan/>", ERR_FORMAT, "a plan that belongs to no person"},
    };
    chain_plans p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text("x.xml", edited(matsim_case_v4, bad[i].find, bad[i].replace));
        assert_error(matsim_load_plans(file("x.xml"), &f.n, &f.a, &p), bad[i].code, bad[i].message);
    }
    write_text("x.xml", "<plans></plans>");
    assert_error(matsim_load_plans(file("x.xml"), &f.n, &f.a, &p), ERR_FORMAT, "there are no persons");
    write_gz("cut.xml.gz", matsim_case_v4, 150);
    assert_error(matsim_load_plans(file("cut.xml.gz"), &f.n, &f.a, &p), ERR_FILE, "cut.xml.gz:");
}

// --- plans.csv ----------------------------------------------------------------------------------------------------

static void plans_come_back_from_csv(void **state) {
    (void)state;
    chain_plans p, q;
    load_plans("plans.xml", edited(matsim_case_v4, "<person id=\"p3\"/>", ""), &p);
    assert_ok(plans_csv_save(file("plans.csv"), &f.n, &p));
    assert_ok(plans_csv_load(file("plans.csv"), &f.n, &f.a, &q));
    assert_int_equal(q.person_count, 2);
    assert_int_equal(q.leg_count, p.leg_count);
    assert_int_equal(q.route_link_count, p.route_link_count);
    assert_memory_equal(q.leg_first, p.leg_first, 3 * sizeof *p.leg_first);
    assert_memory_equal(q.route_link, p.route_link, p.route_link_count * sizeof *p.route_link);
    for (uint32_t i = 0; i < p.leg_count; i++) {
        chain_leg a = p.leg[i], b = q.leg[i];
        assert_string_equal(a.mode, b.mode);
        assert_string_equal(a.activity, b.activity);
        assert_int_equal(a.end_s, b.end_s);
        assert_int_equal(a.stay_s, b.stay_s);
        assert_int_equal(a.travel_s, b.travel_s);
        assert_int_equal(a.start_link, b.start_link);
        assert_int_equal(a.end_link, b.end_link);
        assert_int_equal(a.kind, b.kind);
        assert_true(a.kind != CHAIN_DRIVE || a.vehicle == b.vehicle);
    }
    assert_string_equal(q.last_activity[0], "home");
}

static void bad_csv_is_located(void **state) {
    (void)state;
    static const char good[] =
        "person_id,leg,mode,kind,vehicle,end_time,start_link_id,link_ids\n"
        "p1,1,car,drive,car,07:00,a,b c\np1,2,car,drive,lorry,08:00,c,d\n";
    static const bad_case bad[] = {
        {"kind,", "sort,", ERR_FORMAT, "kind"},
        {"p1,2", "p1,3", ERR_FORMAT, "x.csv:3: column 'leg': leg 3 of person 'p1' comes where leg 2 should"},
        {"p1,2", ",2", ERR_FORMAT, "x.csv:3: column 'person_id': is empty"},
        {"drive,car", "fly,car", ERR_FORMAT, "x.csv:2: column 'kind': unknown value 'fly'; valid: drive, teleport"},
        {"drive,car", "drive,tank", ERR_FORMAT, "x.csv:2: column 'vehicle': unknown value 'tank'; valid: car, lorry"},
        {"07:00", "7 am", ERR_FORMAT, "x.csv:2: column 'end_time': '7 am' is not a time"},
    };
    chain_plans p;
    write_text("x.csv", good);
    assert_ok(plans_csv_load(file("x.csv"), &f.n, &f.a, &p));
    assert_int_equal(p.leg[1].kind, CHAIN_DRIVE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text("x.csv", edited(good, bad[i].find, bad[i].replace));
        assert_error(plans_csv_load(file("x.csv"), &f.n, &f.a, &p), bad[i].code, bad[i].message);
    }
    write_text("x.csv", edited(good, "b c", "b q"));
    assert_ok(plans_csv_load(file("x.csv"), &f.n, &f.a, &p));
    assert_int_equal(p.leg[0].fault, CHAIN_UNKNOWN_LINK);
    assert_error(plans_csv_save("/nonexistent/x.csv", &f.n, &p), ERR_FILE, "cannot be written");
}

// --- events -------------------------------------------------------------------------------------------------------

static void events_tell_the_day_in_order_of_time(void **state) {
    (void)state;
    static const char expected[] =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<events version=\"1.0\">\n"
        "\t<event time=\"25200.0\" type=\"actend\" person=\"p&lt;1\" link=\"a\" actType=\"home\" />\n"
        "\t<event time=\"25200.0\" type=\"departure\" person=\"p&lt;1\" link=\"a\" legMode=\"car\" />\n"
        "\t<event time=\"25200.0\" type=\"PersonEntersVehicle\" person=\"p&lt;1\" vehicle=\"p&lt;1\" />\n"
        "\t<event time=\"25200.0\" type=\"vehicle enters traffic\" person=\"p&lt;1\" link=\"a\" vehicle=\"p&lt;1\" "
        "networkMode=\"car\" relativePosition=\"1.0\" />\n"
        "\t<event time=\"25201.0\" type=\"left link\" vehicle=\"p&lt;1\" link=\"a\" />\n"
        "\t<event time=\"25201.0\" type=\"entered link\" vehicle=\"p&lt;1\" link=\"b\" />\n"
        "\t<event time=\"25251.0\" type=\"left link\" vehicle=\"p&lt;1\" link=\"b\" />\n"
        "\t<event time=\"25251.0\" type=\"entered link\" vehicle=\"p&lt;1\" link=\"c\" />\n"
        "\t<event time=\"25301.0\" type=\"vehicle leaves traffic\" person=\"p&lt;1\" link=\"c\" vehicle=\"p&lt;1\" "
        "networkMode=\"car\" relativePosition=\"1.0\" />\n"
        "\t<event time=\"25301.0\" type=\"PersonLeavesVehicle\" person=\"p&lt;1\" vehicle=\"p&lt;1\" />\n"
        "\t<event time=\"25301.0\" type=\"arrival\" person=\"p&lt;1\" link=\"c\" legMode=\"car\" />\n"
        "\t<event time=\"25301.0\" type=\"actstart\" person=\"p&lt;1\" link=\"c\" actType=\"work\" />\n"
        "\t<event time=\"25901.0\" type=\"actend\" person=\"p&lt;1\" link=\"c\" actType=\"work\" />\n"
        "\t<event time=\"25901.0\" type=\"departure\" person=\"p&lt;1\" link=\"c\" legMode=\"walk\" />\n"
        "\t<event time=\"26000.0\" type=\"stuckAndAbort\" person=\"p&lt;1\" legMode=\"walk\" />\n"
        "</events>\n";
    const mobsim_params p = {
        .wave_speed_kmh = 18, .jam_spacing_m = 7.5, .stuck_s = 60, .lorry_pcu = 2, .scale = 1, .end_s = 26000};
    chain_plans plans;
    chain_result r;
    char *bytes;
    size_t count;
    load_plans("plans.xml", edited(matsim_case_v4, "id=\"p1\"", "id=\"p&lt;1\""), &plans);
    assert_ok(chain_run(&f.n, &p, &plans, NULL, 10, &f.a, &r));
    assert_ok(matsim_save_events(file("e.xml"), &f.n, &plans, NULL, &r, p.end_s));
    assert_ok(table_read_file(file("e.xml"), TEXT_BYTES, &f.a, &bytes, &count));
    assert_string_equal(bytes, expected);
    assert_ok(matsim_save_events(file("e.xml.gz"), &f.n, &plans, NULL, &r, p.end_s));
    static char back[TEXT_BYTES];
    gzFile z = gzopen(file("e.xml.gz"), "rb");
    assert_int_equal(gzread(z, back, sizeof back), strlen(expected));
    assert_int_equal(gzdirect(z), 0);
    gzclose(z);
    assert_string_equal(back, expected);
    assert_error(matsim_save_events("/nonexistent/e.xml", &f.n, &plans, NULL, &r, p.end_s), ERR_FILE,
                 "cannot be written");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_network_of_version_2),
        cmocka_unit_test(reads_a_network_of_version_1_plain_and_compressed),
        cmocka_unit_test(mends_what_matsim_puts_up_with),
        cmocka_unit_test(bad_networks_are_located),
        cmocka_unit_test(broken_files_are_located),
        cmocka_unit_test(reads_the_same_plans_from_three_versions),
        cmocka_unit_test(a_day_starts_and_ends_on_the_same_link),
        cmocka_unit_test(legs_that_cannot_be_driven_are_counted_with_their_reason),
        cmocka_unit_test(legs_without_a_time_are_guessed_or_never_start),
        cmocka_unit_test(bad_plans_are_located),
        cmocka_unit_test(plans_come_back_from_csv),
        cmocka_unit_test(bad_csv_is_located),
        cmocka_unit_test(events_tell_the_day_in_order_of_time),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
