"""Checks that the JSON of `vestsim mobsim --format json` has exactly the documented form. Usage: mobsim_json.py FILE"""
import json
import sys

TOP = {"nodes", "links", "persons", "legs", "modes", "traffic", "transit", "rounds", "unsettled", "version"}
OUTCOMES = {"driven", "served", "teleported", "unusable", "under_way", "waiting", "not_started"}
MODE = {"mode", "legs", "departed", "arrived", "stuck", "travel_time_s"} | OUTCOMES
TRAFFIC = {"started", "arrived", "on_network", "conserved", "link_events", "delay_s", "forced", "travel_time_s"}
TRANSIT = {"departures", "run", "completed", "by_timetable", "boardings", "denied", "left_waiting", "riding", "unfit"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    assert set(document) == TOP, sorted(set(document) ^ TOP)
    assert set(document["traffic"]) == TRAFFIC
    traffic = document["traffic"]
    assert traffic["conserved"] is True and traffic["started"] == traffic["arrived"] + traffic["on_network"]
    for mode in document["modes"]:
        assert set(mode) == MODE, sorted(set(mode) ^ MODE)
        assert mode["legs"] == sum(mode[outcome] for outcome in OUTCOMES), mode
        assert mode["departed"] == mode["arrived"] + mode["stuck"], mode
    assert document["legs"] == sum(mode["legs"] for mode in document["modes"])
    transit = document["transit"]
    if transit is not None:
        assert set(transit) == TRANSIT, sorted(set(transit) ^ TRANSIT)
        served = sum(mode["served"] for mode in document["modes"])
        assert transit["boardings"] == served + transit["riding"]
        assert transit["left_waiting"] == sum(mode["waiting"] for mode in document["modes"])
        assert transit["completed"] <= transit["run"] <= transit["departures"]


main()
