"""Opens the pages of report.sh in headless Chromium and looks at what a reader sees."""
import json
import os
import pathlib
import re
import sys
import time

import h5py
import numpy
from selenium import webdriver
from selenium.webdriver.common.by import By

results, plain, english, both, evil, compared = sys.argv[1:]


def browser(width, height):
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options)


def requests_of(driver):
    """Everything the page asked for, but itself and what it carries inside."""
    asked = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:")):
                asked.append(url)
    return asked


def open_page(driver, path):
    driver.get(pathlib.Path(path).resolve().as_uri())
    for _ in range(100):
        if driver.execute_script("return document.body.dataset.ready") == "yes":
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"{path}: the page is not ready after 10 s: {driver.get_log('browser')}")
    errors = [e for e in driver.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
    assert not errors, (path, errors)
    assert requests_of(driver) == [], path


def pixels(driver):
    return driver.execute_script("return document.querySelector('canvas.links').toDataURL()")


def settle(driver, shown):
    for _ in range(50):
        if driver.execute_script("return document.getElementById('map').dataset.shown").startswith(shown):
            return
        time.sleep(0.1)
    raise AssertionError("the map does not show " + shown)


def check_map(driver):
    links = h5py.File(results)["network/links/link"].shape[0]
    driver.execute_script("const b = L.latLngBounds([]); network.x.forEach((x, i) => b.extend([network.y[i], x])); map.fitBounds(b.pad(0.1))")
    drawn = int(driver.execute_script("return document.querySelector('canvas.links').dataset.drawn"))
    assert drawn == links, (drawn, links)
    day = pixels(driver)
    driver.execute_script("const s = document.getElementById('hour'); s.value = 8; s.dispatchEvent(new Event('input'))")
    settle(driver, "0 2023 car 8")
    morning = pixels(driver)
    assert morning != day, "the slider does not change the picture"
    driver.execute_script("const s = document.getElementById('hour'); s.value = 3; s.dispatchEvent(new Event('input'))")
    settle(driver, "0 2023 car 3")
    assert pixels(driver) != morning, "the slider does not change the picture"
    driver.find_element(By.ID, "play").click()
    settle(driver, "0 2023 car 4")
    driver.find_element(By.ID, "play").click()


def check_values(driver):
    """What the map holds is what the file holds: the busiest link's cars of the day."""
    f = h5py.File(results)
    cars = f["traffic/vehicles"][0, 0]
    link = int(cars.sum(axis=0).argmax())
    hourly = cars.reshape(24, -1, cars.shape[1]).sum(axis=1)[:, link]
    shown = driver.execute_async_script(
        "const done = arguments[1]; loadHours(0, 'car', 0).then(h => done([...Array(24).keys()].map(k => h[k * network.count + arguments[0]])))", link)
    # The run is a sample of a fifth (lib.sh): the page shows what it stands for.
    assert [int(5 * float(v) + 0.5) for v in hourly] == shown, (hourly, shown)
    name = driver.execute_script("return network.id[arguments[0]]", link)
    assert name == f["network/links/link"].asstr()[link]


def choose_layer(driver, layer):
    driver.execute_script("""const s = [...document.querySelectorAll('.controls select')].find(s => [...s.options].some(o => o.value === 'walk'));
        s.value = arguments[0]; s.dispatchEvent(new Event('change'))""", layer)
    settle(driver, f"0 2023 {layer} -1")


def check_layers(driver):
    """People on foot, in buses and on cycles are those of the file, each with a picture of its own; homes stand as circles."""
    f = h5py.File(results)
    driver.execute_script("const s = document.getElementById('hour'); s.value = -1; s.dispatchEvent(new Event('input'))")
    pictures = []
    for layer, dataset in (("car", None), ("cycle", "cyclists"), ("walk", "pedestrians"), ("bus_load", "bus_passengers")):
        choose_layer(driver, layer)
        pictures.append(pixels(driver))
        shown = driver.execute_script("return [...mapState.values]")
        if dataset is not None:
            people = f["traffic/" + dataset][0]
            hourly = people.reshape(24, -1, people.shape[1]).sum(axis=1, dtype="f8")
            wanted = numpy.floor(5 * hourly + 0.5).sum(axis=0)
            assert wanted.sum() > 0 and list(wanted) == shown, (layer, wanted, shown)
    assert len(set(pictures)) == 4, "two layers look the same"
    driver.execute_script("mapState.year = DATA.files[0].years.length - 1")
    driver.execute_script("mapState.layer = 'homes'; return showMap()")
    entries = f["programme/homes"].shape[0]
    # Homes lie at places with coordinates; the toy town's programme is built by its last year.
    circles = driver.execute_script("return document.querySelectorAll('#map path.leaflet-interactive').length")
    assert circles == entries > 0, (circles, entries)
    driver.execute_script("mapState.year = 0; mapState.layer = 'car'; return showMap()")


def check_tables(driver):
    tables = driver.find_elements(By.CSS_SELECTOR, "details[data-table]")
    charts = driver.find_elements(By.CSS_SELECTOR, ".card[data-chart]")
    assert len(tables) >= len(charts) >= 6, (len(tables), len(charts))
    share = h5py.File(results)["indicators/share_walk"][0].mean()
    rows = driver.execute_script("return DATA.files[0].indicators.find(i => i.name === 'share_walk').value[0]")
    assert abs(sum(rows) / len(rows) - share) < 1e-9


def check_measure_names(driver):
    """Every kind of measure that the program knows is told in plain words, in both languages."""
    header = pathlib.Path(os.environ["VESTSIM_SOURCE_DIR"], "include/world/measure.h").read_text(encoding="utf-8")
    kinds = re.findall(r"^    X\([A-Z_]+, (\w+),", header, flags=re.M)
    assert len(kinds) >= 9, kinds
    missing = driver.execute_script("return arguments[0].filter(k => TEXT['kind_' + k] === undefined || TEXT['kind_' + k].length !== 2)", kinds)
    assert missing == [], f"measures without a name in analysis/report/text.js: {missing}"


def check_language(driver):
    assert driver.execute_script("return document.documentElement.lang") == "nb"
    assert "biltrafikken" in driver.find_element(By.ID, "verdict-head").text
    before = driver.find_element(By.ID, "verdict").text
    driver.execute_script("document.body.dataset.ready = 'no'")
    driver.find_element(By.ID, "language").click()
    for _ in range(50):
        if driver.execute_script("return document.body.dataset.ready") == "yes":
            break
        time.sleep(0.1)
    assert "car traffic" in driver.find_element(By.ID, "verdict-head").text
    assert driver.find_element(By.ID, "verdict").text != before


def check_width(driver):
    over = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"the page is {over} px wider than the screen"


def shown_number(value, decimals, sign=False):
    """As the Norwegian page writes a number; rounding of halves is the browser's, so both neighbours are right."""
    if value is None:
        return {"–"}
    step = 10.0 ** -decimals
    texts = set()
    for near in (value, value - step * 1e-6, value + step * 1e-6):
        text = f"{abs(near):,.{decimals}f}".replace(",", "\u00a0").replace(".", ",")
        negative = near < 0
        texts.add(("\u2212" if negative else "+" if sign and near > 0 else "") + text)
    return texts


def check_cell(text, exact, wanted, decimals, what, sign=False):
    assert json.loads(exact) == wanted, (what, exact, wanted)
    if isinstance(wanted, list):
        low, high = ("–", "–") if None in wanted else text.split(" til ")
        assert low in shown_number(wanted[0], decimals, True) and high in shown_number(wanted[1], decimals, True), (what, text, wanted)
    else:
        assert text in shown_number(wanted, decimals, sign), (what, text, wanted)


def check_comparison(driver, document):
    """Every cell of the comparison table, for every year and file, is what compare --format json says."""
    words = {"lower": "lavere", "higher": "høyere", "equal": "lik", "not_shown": "ikke vist"}
    checked = 0
    for year in document["years"]:
        for k, file in enumerate(document["files"][1:], start=1):
            if not any(d["file"] == file["file"] for i in year["indicators"].values() for d in i["differences"]):
                continue
            driver.execute_script("""for (const [id, v] of [['comparison-year', arguments[0]], ['comparison-file', arguments[1]]]) {
                const s = document.getElementById(id); if (s !== null) { s.value = String(v); s.dispatchEvent(new Event('change')); } }""", year["year"], k)
            rows = driver.execute_script("""return [...document.querySelectorAll('#comparison-table tbody tr')].map(r =>
                [r.dataset.indicator, [...r.cells].map(c => [c.textContent, c.dataset.value])])""")
            assert [r[0] for r in rows] == list(year["indicators"]), "other indicators than compare"
            for name, cells in rows:
                entry = year["indicators"][name]
                d = next(d for d in entry["differences"] if d["file"] == file["file"])
                size = max(abs(d["base_mean"] or 0), abs(d["mean"] or 0))
                decimals = 0 if size >= 10000 or size == 0 else 1 if size >= 100 else 2 if size >= 1 else 4
                wanted = [(2, d["base_mean"], decimals, False), (3, d["mean"], decimals, False), (4, d["difference"], decimals, True),
                          (5, d["difference_pct"], 1, True), (6, d["ci"], decimals, True), (7, d["t_ci"], decimals, True),
                          (8, d["probability_at_or_below_0"], 2, False), (9, d["pairs"], 0, False)]
                assert json.loads(cells[1][1]) == entry["unit"], (name, cells[1])
                assert cells[0][0] and name not in cells[0][0], (name, "has no name a planner would use")
                for column, value, digits, sign in wanted:
                    check_cell(cells[column][0], cells[column][1], value, digits, (year["year"], file["file"], name, column), sign)
                    checked += 1
                assert json.loads(cells[10][1]) == d["shown"] and cells[10][0] == words[d["shown"]], (name, cells[10])
    assert checked > 500, checked
    judged = driver.execute_script("return [...document.querySelectorAll('#comparison-verdicts td')].map(c => [c.textContent, c.dataset.value])")
    wanted = [v for f in document["files"] for y in document["years"] for v in y["verdicts"] if v["file"] == f["file"]]
    judged = [cell for cell in judged if cell[1] is not None]  # a file without the year has a dash
    assert len(judged) == len(wanted) > 0
    for (text, exact), v in zip(judged, wanted):
        assert json.loads(exact) == [v["index_pct"], *v["ci_pct"], v["verdict"]], (exact, v)
        assert any(text.startswith(n) for n in shown_number(v["index_pct"], 1, True)), (text, v)
    print(f"{checked} cells of the comparison table are those of compare --format json")


driver = browser(1200, 900)
try:
    open_page(driver, plain)
    check_map(driver)
    check_values(driver)
    check_layers(driver)
    check_tables(driver)
    check_measure_names(driver)
    check_language(driver)
    open_page(driver, english)
    assert "car traffic" in driver.find_element(By.ID, "verdict-head").text
    check_width(driver)
    open_page(driver, both)
    assert len(driver.find_elements(By.CSS_SELECTOR, ".verdict")) >= 2
    check_comparison(driver, json.load(open(compared, encoding="utf-8")))
    assert "<img src=x" in driver.find_element(By.ID, "scenarios").text, "the hostile title must show as text"
    open_page(driver, evil)
    assert driver.title.startswith("Vestsim report: </script>"), driver.title
    assert driver.find_elements(By.CSS_SELECTOR, "img") == [], "a name became an image"
    check_width(driver)
finally:
    driver.quit()
driver = browser(500, 800)  # the narrowest window of desktop Chromium
try:
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    open_page(driver, both)
    check_width(driver)
finally:
    driver.quit()
print("ok")
