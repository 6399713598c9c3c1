// A complete tiny case as texts, for tests of the loaders: every file a scenario names, all valid. Tests write it to a
// temporary folder, spoil one file, and look at what the loader says. Header only, so that fuzz targets can use it too.
#ifndef VESTSIM_TESTS_IO_CASE_H
#define VESTSIM_TESTS_IO_CASE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct io_case_file {
    const char *name;  // below the case's folder
    const char *content;
} io_case_file;

#define IO_CASE_PURPOSE(name)                                                                                       \
    "  " name                                                                                                       \
    ":\n    {tours_per_person: 0.8, profile_out: day, profile_return: \"\", asc_car_passenger: -2, asc_pt: -0.5,\n" \
    "     asc_cycle: -1, asc_walk: 0.5, car_per_min: -0.03, pt_per_min: -0.02, cycle_per_min: -0.05,\n"             \
    "     walk_per_min: -0.07, cost_per_nok: -0.01, lambda_motor: 0.7, lambda_active: 0.8, size_scale: 1,\n"        \
    "     logsum_scale: 1, duration_mean_h: 8, duration_spread_h: 1}\n"

static const io_case_file io_case_files[] = {
    {"today.yaml",
     "title: Tiny today\n"
     "today_year: 2023\n"
     "service_date: 2023-10-18\n"
     "network: network\n"
     "transit: gtfs\n"
     "zones: zones.csv\n"
     "places: places.csv\n"
     "areas: areas.csv\n"
     "counts: counts.csv\n"
     "flows: flows.csv\n"
     "profiles: profiles.csv\n"
     "household_seed: household_seed.csv\n"
     "margins: margins.csv\n"
     "active: {walk_speed_kmh: 5, cycle_speed_kmh: 16, ecycle_speed_kmh: 20, cycle_uphill_kmh_per_pct: 1.5,\n"
     "         cycle_downhill_kmh_per_pct: 1}\n"
     "transit.walk_max_m: 1200\n"
     "choice:\n"
     "  pt_walk_weight: 1.6\n"
     "  pt_wait_weight: 1.4\n"
     "  pt_transfer_min: 8\n"
     "  pt_fare_base_nok: 40\n"
     "  pt_fare_outside_nok: 65\n"
     "  pt_season_share: 0.2\n"
     "  season_pass_rate: 0.3\n"
     "  car_cost_nok_per_km: 1.2\n"
     "  car_access_min: 2\n"
     "  ev_share: 0.3\n" IO_CASE_PURPOSE("work") IO_CASE_PURPOSE("school") IO_CASE_PURPOSE("shop")
         IO_CASE_PURPOSE("leisure") IO_CASE_PURPOSE("escort")
             IO_CASE_PURPOSE("business") "emission: {car_co2_g_per_km: 150, lorry_co2_g_per_km: 900}\n"
                                         "people:\n"
                                         "  home_office_share: 0.1\n"
                                         "  employment_rate: 0.8\n"
                                         "  out_commuters: 100\n"
                                         "  in_commuters: 50\n"
                                         "  visitors: 20\n"
                                         "  bicycle_rate: 0.7\n"
                                         "  ecycle_rate: 0.1\n"
                                         "  cars_per_household: {detached: 1.7, row: 1.3, flat: 0.9}\n"
                                         "  cars_station_factor: 0.8\n"},
    {"plan.yaml",
     "# the plan\n"
     "title: Tiny plan\n"
     "based_on: today.yaml\n"
     "years: [2030, 2040]\n"
     "seed: 7\n"
     "programme:\n"
     "  - {id: new_flats, place: home_a, dwelling: flat, homes: 12, from: 2026, to: 2030, parking_norm: 0.5,\n"
     "     source: \"assumption: test\"}\n"
     "measures:\n"
     "  - {kind: parking_price, start_year: 2028, value: 30, targets: [sentrum], source: test}\n"
     "  - {kind: cycle_facility, start_year: 2028, text: lane, targets: [Main street, ab], source: test}\n"
     "  - {kind: transit, start_year: 2030, text: gtfs, source: test}\n"
     "  - {kind: close_link, start_year: 2040, targets: [bc], source: test}\n"},
    {"network/config.csv",
     "dataset_name,short_length,long_length,speed,crs,geometry_field_format,id_type,version_number\n"
     "tiny,m,km,kmh,EPSG:4326,wkt,string,0.96\n"},
    {"network/node.csv",
     "node_id,name,x_coord,y_coord,z_coord,ctrl_type\n"
     "a,West,10.70,59.60,20,none\n"
     "b,Middle,10.71,59.60,25,signal\n"
     "c,East,10.72,59.60,,4_stop\n"},
    {"network/link.csv",
     "link_id,name,from_node_id,to_node_id,directed,geometry,length,facility_type,capacity,free_speed,lanes,grade,"
     "allowed_uses,toll,cycle_facility,open_year\n"
     "ab,Main street,a,b,0,\"LINESTRING (10.70 59.60, 10.705 59.601, 10.71 "
     "59.60)\",0.6,primary,900,50,1,0.8,\"auto,bus,truck,bike,walk\",,mixed_fast,\n"
     "bc,Main street,b,c,1,,0.6,primary,900,50,2,,\"auto,truck\",12.5,,\n"
     "cb,Path,c,b,1,,0.58,path,,,,-1,\"bike,walk\",,path_own,2028\n"},
    {"gtfs/agency.txt", "agency_id,agency_name,agency_url,agency_timezone\nx,Tiny,https://example.org,Europe/Oslo\n"},
    {"gtfs/stops.txt",
     "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
     "S,Station,59.6000,10.7000,1,\n"
     "s1,Track 1,59.6000,10.7000,0,S\n"
     "s2,Track 2,59.6002,10.7000,,S\n"
     "s3,Middle,59.6200,10.7000,0,\n"
     "s4,End,59.6400,10.7000,0,\n"},
    {"gtfs/routes.txt", "route_id,agency_id,route_short_name,route_long_name,route_type\nr1,x,R1,One,2\nr2,x,,Two,3\n"},
    {"gtfs/trips.txt",
     "route_id,service_id,trip_id,trip_headsign\n"
     "r1,weekday,t1,End\n"
     "r1,weekday,t2,End\n"
     "r2,weekday,f1,Middle\n"
     "r2,sunday,x1,Middle\n"},
    {"gtfs/stop_times.txt",
     "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
     "t1,7:00:00,07:01:00,s1,1,0,1\n"
     "t1,,,s3,5,,\n"
     "t1,07:21:00,07:21:00,s4,9,1,0\n"
     "t2,24:50:00,24:50:00,s1,1,,\n"
     "t2,25:10:00,25:10:00,s4,2,,\n"
     "f1,00:10:00,00:10:00,s2,1,,\n"
     "f1,00:20:00,00:20:00,s3,2,,\n"
     "x1,10:00:00,10:00:00,s2,1,,\n"
     "x1,10:10:00,10:10:00,s3,2,,\n"},
    {"gtfs/calendar.txt",
     "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
     "weekday,1,1,1,1,1,0,0,20230101,20231231\n"
     "sunday,0,0,0,0,0,0,1,20230101,20231231\n"},
    {"gtfs/calendar_dates.txt",
     "service_id,date,exception_type\n"
     "weekday,20230517,2\n"
     "sunday,20230517,1\n"},
    {"gtfs/frequencies.txt",
     "trip_id,start_time,end_time,headway_secs,exact_times\n"
     "f1,06:00:00,07:00:00,1200,1\n"
     "f1,07:00:00,08:30:00,1800,0\n"},
    {"gtfs/transfers.txt",
     "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
     "s1,s2,2,240\n"
     "s3,s4,0,\n"},
    {"zones.csv",
     "zone_id,name,area,outside,parking_nok,parking_search_s,source\n"
     "sentrum,Centre,sentrum,0,10,60,test\n"
     "rest,Rest,rural,0,,,test\n"
     "out,Elsewhere,outside,1,50,120,test\n"},
    {"places.csv",
     "place_id,name,zone_id,node_id,kind,size,parking_norm,source\n"
     "home_a,Flats,sentrum,a,home_flat,10,,test\n"
     "work_b,,rest,b,work,25,-1,test\n"
     "home_out,,out,c,home_detached,100,,test\n"},
    {"areas.csv",
     "area_id,name,geometry,source\n"
     "sentrum,Centre,\"POLYGON ((10.695 59.595, 10.705 59.595, 10.705 59.605, 10.695 59.605, 10.695 59.595))\",test\n"
     "municipality,All,\"POLYGON((10.6 59.5,10.715 59.5,10.715 59.7,10.6 59.7,10.6 59.5))\",test\n"},
    {"counts.csv",
     "point_id,name,link_ids,weekday_vehicles,heavy_share,sentrum_cordon,through,source\n"
     "p1,Main,ab ab-r,3000,0.08,1,0,test\n"
     "p2,East,bc,,,0,0,test\n"},
    {"flows.csv",
     "flow_id,from_node_id,to_node_id,weekday_vehicles,vehicle,segment,profile_id,growth_pct_per_year,source\n"
     "f1,a,c,500,car,through,day,1.5,test\n"
     "f2,a,c,80,lorry,visitor,day,,test\n"},
    {"profiles.csv",
     "profile_id,h00,h01,h02,h03,h04,h05,h06,h07,h08,h09,h10,h11,h12,h13,h14,h15,h16,h17,h18,h19,h20,h21,h22,h23,source"
     "\n"
     "day,0,0,0,0,0,0,0.1,0.2,0.1,0.05,0.05,0.05,0.05,0.05,0.05,0.1,0.1,0.1,0,0,0,0,0,0.01,test\n"},
    {"household_seed.csv",
     "kind_id,weight,age_0_5,age_6_15,age_16_19,age_20_44,age_45_66,age_67_79,age_80_plus,detached,row,flat,source\n"
     "single,10,0,0,0,1,0,0,0,1,1,4,test\n"
     "family,8,1,1,0,2,0,0,0,5,3,1,test\n"},
    {"margins.csv",
     "margin,key,value,source\n"
     "household_size,1,0.3,test\nhousehold_size,2,0.3,test\nhousehold_size,3,0.2,test\nhousehold_size,4,0.1,test\n"
     "household_size,5,0.1,test\n"
     "age,0_5,0.1,test\nage,6_15,0.1,test\nage,16_19,0.1,test\nage,20_44,0.3,test\nage,45_66,0.2,test\n"
     "age,67_79,0.1,test\nage,80_plus,0.1,test\n"
     "licence,0_5,0,test\nlicence,6_15,0,test\nlicence,16_19,0.2,test\nlicence,20_44,0.8,test\n"
     "licence,45_66,0.9,test\nlicence,67_79,0.8,test\nlicence,80_plus,0.5,test\n"},
};
enum { IO_CASE_FILE_COUNT = sizeof io_case_files / sizeof io_case_files[0], IO_CASE_PATH_BYTES = 512 };

static inline void io_case_path(char out[IO_CASE_PATH_BYTES], const char *folder, const char *name) {
    snprintf(out, IO_CASE_PATH_BYTES, "%.400s/%.100s", folder, name);
}

// Which file of the case; aborts on a name that is none (a mistake in the test).
static inline size_t io_case_index(const char *name) {
    for (size_t i = 0; i < IO_CASE_FILE_COUNT; i++) {
        if (strcmp(io_case_files[i].name, name) == 0) {
            return i;
        }
    }
    fprintf(stderr, "io_case: no file %s\n", name);
    abort();
}

static inline void io_case_write_bytes(const char *folder, const char *name, const void *bytes, size_t count) {
    char path[IO_CASE_PATH_BYTES];
    io_case_path(path, folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, count, f) != count || fclose(f) != 0) {
        fprintf(stderr, "io_case: cannot write %s\n", path);
        abort();
    }
}

static inline void io_case_write_text(const char *folder, const char *name, const char *content) {
    io_case_write_bytes(folder, name, content, strlen(content));
}

// Puts one file back as it was.
static inline void io_case_restore(const char *folder, const char *name) {
    io_case_write_text(folder, name, io_case_files[io_case_index(name)].content);
}

// A new folder with the whole case. out: IO_CASE_PATH_BYTES.
static inline void io_case_create(char out[IO_CASE_PATH_BYTES]) {
    const char *base = getenv("TMPDIR");
    snprintf(out, IO_CASE_PATH_BYTES, "%.400s/vestsim-io-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    char path[IO_CASE_PATH_BYTES];
    if (mkdtemp(out) == NULL) {
        fprintf(stderr, "io_case: cannot make %s\n", out);
        abort();
    }
    io_case_path(path, out, "network");
    mkdir(path, 0700);
    io_case_path(path, out, "gtfs");
    mkdir(path, 0700);
    for (size_t i = 0; i < IO_CASE_FILE_COUNT; i++) {
        io_case_write_text(out, io_case_files[i].name, io_case_files[i].content);
    }
}

static inline void io_case_remove(const char *folder) {
    DIR *d = opendir(folder);
    if (d == NULL) {
        return;
    }
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            char path[2 * IO_CASE_PATH_BYTES];
            snprintf(path, sizeof path, "%.700s/%.255s", folder, e->d_name);
            struct stat about;
            if (lstat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
                io_case_remove(path);
            } else {
                unlink(path);
            }
        }
    }
    closedir(d);
    rmdir(folder);
}

// The content of a file with the first `find` replaced, or with NULL as `find` the replacement alone; malloc'ed.
static inline char *io_case_edit(const char *name, const char *find, const char *replace) {
    const char *content = io_case_files[io_case_index(name)].content;
    const char *at = find != NULL ? strstr(content, find) : content;
    if (at == NULL) {
        fprintf(stderr, "io_case: '%s' is not in %s\n", find, name);
        abort();
    }
    size_t before = (size_t)(at - content), cut = find != NULL ? strlen(find) : strlen(content);
    char *out = malloc(strlen(content) + strlen(replace) + 1);
    if (out == NULL) {
        abort();
    }
    memcpy(out, content, before);
    strcpy(out + before, replace);
    strcat(out, at + cut);
    return out;
}

#endif
