"""Checks that the JSON of `vestsim run --format json` has exactly the documented form. Usage: json_keys.py FILE OUTPUT"""
import json
import math
import sys

SHARES = {"car_driver", "car_passenger", "pt", "cycle", "walk"}
TODAY = {"year", "replications", "car_km_sentrum", "mode_share", "gap", "stuck", "indicators"}
YEAR = TODAY | {
    "index_pct", "ci_pct", "t_ci_pct", "probability_at_or_below", "verdict", "replications_to_settle", "sentence_nb",
    "sentence_en", "measures", "traffic_index",
}
MEASURES = {"car_km_sentrum", "cordon_cars", "traffic_index_pct", "traffic_index_2027_pct", "car_km_resident"}
TOP = {"scenario", "years", "today", "output", "seed", "replications", "trips_per_person", "converged", "version"}


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def check_day(day, keys):
    assert set(day) == keys, sorted(set(day) ^ keys)
    assert set(day["mode_share"]) == SHARES, day["mode_share"]
    assert math.isclose(sum(day["mode_share"].values()), 1, abs_tol=1e-6), day["mode_share"]
    assert all(0 <= share <= 1 for share in day["mode_share"].values())
    assert day["car_km_sentrum"] >= 0 and day["stuck"] >= 0 and day["gap"] >= 0
    assert isinstance(day["replications"], int) and day["replications"] >= 1
    check_splits(day["indicators"])


# Every measure is the sum of its parts; what is left out of the definition measure stands beside it.
def check_splits(i):
    def same(a, b):
        assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6), (a, b)

    same(i["car_km_sentrum"], i["sentrum_car_resident"] + i["sentrum_car_visitor"])
    same(i["car_km_sentrum_all"], i["car_km_sentrum"] + i["sentrum_car_through"] + i["sentrum_car_service"])
    same(i["cordon_cars"], i["cordon_cars_resident"] + i["cordon_cars_visitor"])
    assert i["cordon_vehicles"] >= i["cordon_cars"] + i["cordon_cars_through"] + i["cordon_cars_service"]
    same(i["index_cars"], i["index_cars_resident"] + i["index_cars_visitor"] + i["index_cars_through"])
    assert i["sentrum_car_service"] > 0 and i["car_km_through"] > 0 and i["index_cars"] >= i["count_point_cars"] > 0


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file, parse_constant=refuse_constant)
    assert set(document) == TOP, sorted(set(document) ^ TOP)
    assert document["output"] == sys.argv[2]
    assert isinstance(document["converged"], bool) and isinstance(document["version"], str)
    assert 0.5 < document["trips_per_person"] < 6
    check_day(document["today"], TODAY)
    assert document["years"]
    for year in document["years"]:
        check_day(year, YEAR)
        assert year["year"] > document["today"]["year"]
        assert year["verdict"] in ("holds", "exceeds", "not_shown")
        assert len(year["ci_pct"]) == 2
        assert set(year["measures"]) == MEASURES and set(year["traffic_index"]) == {"present", "from_2027", "sentence_nb"}
        assert year["measures"]["car_km_sentrum"]["change_pct"] == year["index_pct"]
        assert year["probability_at_or_below"] is None or 0 <= year["probability_at_or_below"] <= 1


main()
