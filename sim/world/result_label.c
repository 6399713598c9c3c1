#include "world/result_label.h"

#include <string.h>

typedef struct label {
    const char *nb, *en;
} label;

static const label labels[RESULT_INDICATOR_COUNT] = {
    [RESULT_car_km_sentrum] = {"Biltrafikk i sentrum (målet)", "Car traffic in centre (target)"},
    [RESULT_car_km_sentrum_all] = {"Biltrafikk i sentrum, alle biler", "Car traffic in centre, every car"},
    [RESULT_car_km_municipality] = {"Biltrafikk i kommunen", "Car traffic in the municipality"},
    [RESULT_cordon_cars] = {"Biler over sentrumsringen", "Cars over the centre's cordon"},
    [RESULT_cordon_vehicles] = {"Kjøretøy over sentrumsringen, alle", "Vehicles over the cordon, all"},
    [RESULT_count_point_cars] = {"Biler ved tellepunktene i sentrum", "Cars at the counting points of the centre"},
    [RESULT_car_km_resident] = {"Bilkjøring per innbygger", "Driven per resident"},
    [RESULT_trips_per_person] = {"Reiser per innbygger", "Trips per resident"},
    [RESULT_share_car_driver] = {"Andel reiser som bilfører", "Share of trips as car driver"},
    [RESULT_share_car_passenger] = {"Andel reiser som bilpassasjer", "Share of trips as car passenger"},
    [RESULT_share_pt] = {"Andel reiser med kollektivtransport", "Share of trips by public transport"},
    [RESULT_share_cycle] = {"Andel reiser med sykkel", "Share of trips by cycle"},
    [RESULT_share_walk] = {"Andel reiser til fots", "Share of trips on foot"},
    [RESULT_sentrum_car_resident] = {"  av målet: innbyggere", "  of target: residents"},
    [RESULT_sentrum_car_visitor] = {"  av målet: besøkende", "  of target: visitors"},
    [RESULT_sentrum_car_through] = {"Gjennomfart i sentrum (utenfor)", "Through the centre (not in target)"},
    [RESULT_sentrum_car_service] = {"Tjenestereiser i sentrum (utenfor)", "Service trips, centre (not in target)"},
    [RESULT_cordon_cars_resident] = {"  over ringen: innbyggere", "  over the cordon: residents"},
    [RESULT_cordon_cars_visitor] = {"  over ringen: besøkende", "  over the cordon: visitors"},
    [RESULT_cordon_cars_through] = {"Gjennomfart over ringen (utenfor)", "Through, cordon (not in target)"},
    [RESULT_cordon_cars_service] = {"Tjenestereiser over ringen (utenfor)", "Service trips, cordon (not in target)"},
    [RESULT_index_cars] = {"Lette kjøretøy, indekspunktene", "Light vehicles, index points"},
    [RESULT_index_cars_resident] = {"  ved punktene: innbyggere", "  at the points: residents"},
    [RESULT_index_cars_visitor] = {"  ved punktene: besøkende", "  at the points: visitors"},
    [RESULT_index_cars_through] = {"  ved punktene: gjennomfart", "  at the points: through traffic"},
    [RESULT_traffic_index_pct] = {"Byindeks mot i dag", "Traffic index against today"},
    [RESULT_traffic_index_2027_pct] = {"Byindeks mot i dag, metode fra 2027", "Traffic index, method from 2027"},
    [RESULT_car_km_visitor] = {"Besøkendes bil-km per innbygger", "Visitors' car-km per resident"},
    [RESULT_car_km_through] = {"Gjennomfartens bil-km per innbygger", "Through traffic's car-km per resident"},
    [RESULT_delay_h] = {"Forsinkelse i trafikken", "Delay in traffic"},
    [RESULT_peak_hour_share] = {"Andel av bilturene i travleste time", "Share of car trips in the busiest hour"},
    [RESULT_co2_t] = {"CO2 fra veitrafikken", "CO2 of road traffic"},
    [RESULT_activity_min] = {"Gange og sykkel per innbygger", "Walk, cycle per resident"},
    [RESULT_pt_boardings] = {"Påstigninger, buss og tog", "Boardings of bus and train"},
    [RESULT_lifts] = {"Skyss med sjåfør utenfra", "Lifts by drivers outside the model"},
    [RESULT_pt_denied] = {"Reiser der bussen/toget var fullt", "Trips left behind by a full vehicle"},
    [RESULT_residents] = {"Innbyggere", "Residents"},
    [RESULT_dwellings] = {"Boliger i bruk", "Dwellings in use"},
    [RESULT_gap_pct] = {"Rest til likevekt", "Relative gap"},
    [RESULT_stuck] = {"Kjøretøy som ikke kom fram", "Vehicles that did not arrive"},
    [RESULT_forced] = {"Kjøretøy presset forbi full gate", "Vehicles forced past a full link"},
    [RESULT_vehicles] = {"Kjøretøy som startet", "Vehicles started"},
    [RESULT_state_hash_low] = {"Fingeravtrykk av tilstanden", "Fingerprint of the state"},
};

const char *result_label(result_indicator i, bool norwegian) {
    if ((unsigned)i >= RESULT_INDICATOR_COUNT || labels[i].nb == NULL || labels[i].en == NULL) {
        return result_indicator_name(i);
    }
    return norwegian ? labels[i].nb : labels[i].en;
}

result_indicator result_indicator_find(const char *name) {
    for (int i = 0; i < RESULT_INDICATOR_COUNT; i++) {
        if (strcmp(result_indicator_name((result_indicator)i), name) == 0) {
            return (result_indicator)i;
        }
    }
    return RESULT_INDICATOR_COUNT;
}

const char *result_unit_label(const char *unit, bool norwegian) {
    static const struct {
        const char *unit, *nb, *en;
    } units[] = {{"1", "", ""},           {"percent", "%", "%"}, {"h", "timer", "h"}, {"min", "min", "min"},
                 {"t", "tonn", "tonnes"}, {"km", "km", "km"},    {"NOK", "kr", "NOK"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            return norwegian ? units[i].nb : units[i].en;
        }
    }
    return unit;
}
