"""Opens the pages of report.sh in headless Chromium and looks at what a reader sees."""
import json
import pathlib
import sys
import time

import h5py
from selenium import webdriver
from selenium.webdriver.common.by import By

results, plain, english, both, evil = sys.argv[1:]


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
    assert [int(v + 0.5) for v in hourly] == shown, (hourly, shown)
    name = driver.execute_script("return network.id[arguments[0]]", link)
    assert name == f["network/links/link"].asstr()[link]


def check_tables(driver):
    tables = driver.find_elements(By.CSS_SELECTOR, "details[data-table]")
    charts = driver.find_elements(By.CSS_SELECTOR, ".card[data-chart]")
    assert len(tables) >= len(charts) >= 6, (len(tables), len(charts))
    share = h5py.File(results)["indicators/share_walk"][0].mean()
    rows = driver.execute_script("return DATA.files[0].indicators.find(i => i.name === 'share_walk').value[0]")
    assert abs(sum(rows) / len(rows) - share) < 1e-9


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


driver = browser(1200, 900)
try:
    open_page(driver, plain)
    check_map(driver)
    check_values(driver)
    check_tables(driver)
    check_language(driver)
    open_page(driver, english)
    assert "car traffic" in driver.find_element(By.ID, "verdict-head").text
    check_width(driver)
    open_page(driver, both)
    assert len(driver.find_elements(By.CSS_SELECTOR, ".verdict")) >= 2
    assert "<img src=x" in driver.find_element(By.ID, "title").text, "the hostile title must show as text"
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
