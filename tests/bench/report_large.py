"""Weight and opening time of the report of a run with 20,000 links. Fails at 6 MB, or at 6 s: three times the aim of 2 s, for a busy machine.

Usage: report_large.py VESTSIM TOY.h5 [LINKS]   (needs python3-h5py; with python3-selenium also the opening time)
Tiles the toy town's links and traffic, with other counts in each tile, until there are enough of them.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy


def tile(source, target, links):
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        count = old["network/links/link"].shape[0]
        times = -(-links // count)
        rng = numpy.random.default_rng(1)

        def copy(name, item):
            if isinstance(item, h5py.Group):
                group = new.require_group(name)
                for key, value in item.attrs.items():
                    group.attrs[key] = value
                return
            data = item[()]
            if name.startswith("network/links/") or name == "traffic/link":
                data = numpy.concatenate([data] * times)
                if name.endswith("/link"):
                    data = numpy.array([f"{i}_{v.decode()}" for i, v in enumerate(data)], dtype=object)
            elif name.startswith("traffic/") and data.ndim > 1:
                parts = [data * rng.uniform(0, 2, size=data.shape[-1]).astype("f4") for _ in range(times)]
                data = numpy.concatenate(parts, axis=-1)
            made = new.create_dataset(name, data=data, dtype=item.dtype)
            for key in ("units", "long_name"):
                if key in item.attrs:
                    made.attrs[key] = item.attrs[key]

        old.visititems(copy)
        return count * times


def opening_time_s(page):
    from selenium import webdriver
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options)
    driver.get("about:blank")
    start = time.time()
    driver.get(pathlib.Path(page).resolve().as_uri())
    while driver.execute_script("return document.body.dataset.ready") != "yes":
        time.sleep(0.02)
    took = time.time() - start
    assert int(driver.execute_script("return document.querySelector('canvas.links').dataset.drawn")) > 0
    driver.quit()
    return took


program, toy = sys.argv[1:3]
wanted = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
with tempfile.TemporaryDirectory() as folder:
    large, page = f"{folder}/large.h5", f"{folder}/large.html"
    made = tile(toy, large, wanted)
    start = time.time()
    subprocess.run([program, "report", large, "-o", page], check=True, stdout=subprocess.DEVNULL)
    weight_mb = pathlib.Path(page).stat().st_size / 1e6
    print(f"{made} links: the page weighs {weight_mb:.2f} MB, written in {time.time() - start:.2f} s")
    assert weight_mb < 6, "the page is too heavy"
    try:
        opening_s = opening_time_s(page)
        print(f"opens in {opening_s:.2f} s in headless Chromium")
        assert opening_s < 6, "the page opens too slowly"
    except ImportError:
        print("skipped the opening time: no python3-selenium")
