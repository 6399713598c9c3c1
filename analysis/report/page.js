// Puts the page together; called again when the language changes.
"use strict";
let network = null;
let map = null;
let linkLayer = null;

function heading(id, key) {
  return element("h2", {id: id + "-head"}, t(key));
}

// "18 %"; the ends in words, since a share of simulations is never quite 0 or 1.
function probabilityText(p) {
  return p < 0.01 ? t("below_1") : p > 0.99 ? t("above_99") : number(p * 100, 0) + " %";
}

function drawVerdict() {
  const box = document.getElementById("verdict");
  box.replaceChildren(heading("verdict", "verdict_head"));
  const grid = element("div", {class: "verdicts"});
  for (const f of DATA.files) {
    for (const v of f.verdict) {
      grid.append(element("article", {class: "verdict " + v.code},
        element("span", {class: "year"}, String(v.year)),
        element("div", {class: "word"}, t(v.code)),
        DATA.files.length > 1 ? element("p", {class: "muted"}, fileLabel(f)) : "",
        element("p", {class: "sentence"}, language === 0 ? v.nb : v.en),
        v.probability === null ? "" : element("p", {class: "muted"}, t("probability_held", {p: probabilityText(v.probability)}))));
    }
  }
  if (grid.childElementCount === 0) {
    box.append(element("p", {}, t("no_years")));
  } else if (DATA.comparison !== null) {
    box.append(verdictTable(DATA.comparison), element("details", {}, element("summary", {}, t("sentences")), grid));
  } else {
    box.append(grid);
  }
  for (const f of DATA.files) {
    const late = f.years.filter((y, i) => !f.converged[i]);
    if (late.length > 0) box.append(element("p", {class: "warning"}, (DATA.files.length > 1 ? fileLabel(f) + ": " : "") + t("not_converged", {years: late.join(", ")})));
  }
}

async function showMap() {
  const file = DATA.files[mapState.file];
  const circles = mapState.layer === "homes" || mapState.layer === "stops";
  if (circleGroup.layer !== null) circleGroup.layer.remove();
  mapState.values = null;
  mapState.difference = false;
  if (circles) {
    drawCircles(map, network);
  } else {
    const hours = await loadHours(mapState.file, mapState.layer, mapState.year);
    mapState.values = sumHours(hours, network.count, mapState.layer, mapState.hour);
    if (mapState.base !== "none") {
      const [baseFile, baseYear] = mapState.base.split("/").map(Number);
      const other = sumHours(await loadHours(baseFile, mapState.layer, baseYear), network.count, mapState.layer, mapState.hour);
      for (let l = 0; l < network.count; l++) mapState.values[l] -= other[l];
      mapState.difference = true;
    }
  }
  linkLayer.paint();
  drawLegend(document.getElementById("legend"));
  document.getElementById("hour-label").textContent = mapState.hour < 0 ? t("whole_day") : String(mapState.hour).padStart(2, "0") + "–" + String(mapState.hour + 1).padStart(2, "0");
  document.getElementById("map").dataset.shown = [mapState.file, file.years[mapState.year], mapState.layer, mapState.hour, mapState.base].join(" ");
  if (mapState.chosen >= 0) await showStreet();
}

async function showStreet() {
  const l = mapState.chosen;
  const box = document.getElementById("street");
  const c = network.column;
  const layers = Object.keys(DATA.files[mapState.file].traffic);
  const canvas = element("canvas", {role: "img", "aria-label": t("street")});
  const sets = [];
  for (const layer of layers) {
    const hours = await loadHours(mapState.file, layer, mapState.year);
    sets.push({label: t("layer_" + layer), data: [...Array(24).keys()].map(h => hours[h * network.count + l]), layer});
  }
  const name = network.name[l] === "" ? t("street_unnamed") : network.name[l];
  const head = t("street_head", {name, id: network.id[l], length: number(c.length_dm[l] / 10, 0), lanes: number(c.lanes_10[l] / 10, c.lanes_10[l] % 10 ? 1 : 0), speed: c.free_kmh[l]});
  box.hidden = false;
  box.replaceChildren(element("h3", {}, head + ", " + DATA.files[mapState.file].years[mapState.year]), element("div", {style: "position:relative;height:200px"}, canvas),
    tableBehind("street_" + network.id[l], [t("axis_hour"), ...sets.map(s => s.label)], [...Array(24).keys()].map(h => [h, ...sets.map(s => s.data[h])]), undefined),
    element("button", {type: "button", onclick: () => { mapState.chosen = -1; box.hidden = true; linkLayer.paint(); }}, t("close")));
  draw(canvas, {type: "bar", data: {labels: [...Array(24).keys()], datasets: sets.filter(s => s.layer !== "speed").map((s, i) => ({label: s.label, data: s.data, backgroundColor: COLORS[i]}))},
    options: {scales: {x: axis(t("axis_hour"), {stacked: true}), y: axis(t("per_hour"), {stacked: true, beginAtZero: true})}, plugins: {legend: {position: "right"}}}});
}

function select(label, options, value, onchange) {
  const s = element("select", {}, ...options.map(([v, text]) => element("option", {value: v}, text)));
  s.value = String(value);
  s.addEventListener("change", () => onchange(s.value));
  return element("label", {}, label, s);
}

function mapControls() {
  const file = DATA.files[mapState.file];
  const layers = Object.keys(file.traffic).concat("stops", ...(file.programme.present && file.programme.programme.length > 0 ? ["homes"] : []));
  const yearName = (f, k) => k === 0 ? t("today_of", {year: f.years[0]}) : String(f.years[k]);
  const bases = [["none", t("none")]].concat(DATA.files.flatMap((f, i) => f.years.map((y, k) => [i + "/" + k, (DATA.files.length > 1 ? letterOf(f) + ": " : "") + yearName(f, k)])));
  const slider = element("input", {type: "range", id: "hour", min: -1, max: 23, step: 1, "aria-label": t("hour")});
  slider.value = mapState.hour;
  slider.addEventListener("input", () => { mapState.hour = Number(slider.value); showMap(); });
  const play = element("button", {type: "button", id: "play"}, t("play"));
  play.addEventListener("click", () => {
    if (mapState.timer !== null) {
      clearInterval(mapState.timer);
      mapState.timer = null;
      play.textContent = t("play");
      return;
    }
    play.textContent = t("stop");
    mapState.timer = setInterval(() => {
      mapState.hour = (mapState.hour + 1) % 24;
      slider.value = mapState.hour;
      showMap();
    }, 700);
  });
  const streets = [...new Set(network.name)].filter(n => n !== "").sort((a, b) => a.localeCompare(b, "nb"));
  return element("div", {class: "controls"},
    ...(DATA.files.length > 1 ? [select(t("scenario"), DATA.files.map((f, i) => [i, fileLabel(f)]), mapState.file, v => { mapState.file = Number(v); mapState.year = Math.min(mapState.year, DATA.files[v].years.length - 1); drawMapSection(); })] : []),
    select(t("year"), file.years.map((y, k) => [k, yearName(file, k)]), mapState.year, v => { mapState.year = Number(v); showMap(); }),
    select(t("layer"), layers.map(k => [k, t("layer_" + k)]), mapState.layer, v => { mapState.layer = v; showMap(); }),
    select(t("against"), bases, mapState.base, v => { mapState.base = v; showMap(); }),
    select(t("find_street"), [["", ""]].concat(streets.map(n => [n, n])), "", v => {
      mapState.chosen = network.name.indexOf(v);
      if (mapState.chosen >= 0) {
        const i = network.first[mapState.chosen];
        map.setView([network.y[i], network.x[i]], Math.max(map.getZoom(), network.local ? 0 : 14));
        showStreet().then(() => linkLayer.paint());
      }
    }),
    element("span", {class: "together"},
      ...(!network.local && sentrumBounds() !== null ? [element("button", {type: "button", onclick: () => map.fitBounds(sentrumBounds())}, t("to_sentrum"))] : []),
      element("button", {type: "button", onclick: () => map.fitBounds(map.options.bounds)}, t("to_town"))),
    element("span", {class: "clock"}, element("label", {class: "time"}, element("span", {}, t("hour") + ": ", element("strong", {id: "hour-label", "aria-live": "polite"})), slider), play));
}

async function drawMapSection() {
  const section = document.getElementById("map-section");
  if (mapState.timer !== null) clearInterval(mapState.timer);
  mapState.timer = null;
  if (map !== null) map.remove();
  map = null;
  circleGroup.layer = null;
  section.replaceChildren(heading("map", "map_head"));
  if (typeof DecompressionStream === "undefined") {
    section.append(element("p", {class: "warning"}, t("map_old")));
    return;
  }
  network = network || await loadNetwork();
  section.append(element("p", {class: "muted"}, t("map_note")), mapControls(), element("div", {id: "map"}), element("div", {id: "legend", class: "legend"}), element("div", {id: "street", class: "street", hidden: ""}));
  map = makeMap(network, document.getElementById("map"));
  if (!network.local) addBase(map, DATA.files[mapState.file]);
  linkLayer = new LinkLayer(network);
  linkLayer.addTo(map);
  if (!network.local) addLabels(map, DATA.files[mapState.file]);
  map.on("click", event => {
    const chosen = linkLayer.at(event.containerPoint);
    if (chosen < 0) return;
    mapState.chosen = chosen;
    showStreet().then(() => linkLayer.paint());
  });
  await showMap();
}

// Every indicator of every file and year: means over the simulations.
function allIndicators() {
  const head = [t("indicator"), t("unit"), ...DATA.files.flatMap(f => f.years.map(y => yearLabel(f, y)))];
  const names = [...new Set(DATA.files.flatMap(f => f.indicators.map(i => i.name)))].filter(n => n !== "state_hash_low");
  const rows = names.map(n => [indicatorLabel(n), unitLabel(n), ...DATA.files.flatMap(f => indicatorMeans(f, n) || f.years.map(() => null))]);
  const shown = rows.map(row => row.map((v, c) => c < 2 ? v : number(v, figuresFor(v))));
  return element("details", {"data-table": "indicators"}, element("summary", {}, t("all_years")), tableElement(head, shown, undefined),
    element("button", {type: "button", class: "csv", onclick: () => download("indicators.csv", csvText(head, rows))}, t("csv")));
}

function drawComparison() {
  const box = document.getElementById("comparison");
  box.replaceChildren(heading("comparison", DATA.comparison === null ? "indicators_head" : "comparison_head"));
  if (DATA.comparison !== null) {
    box.append(element("p", {class: "muted"}, t("comparison_note")), comparisonTable(DATA.comparison));
  }
  box.append(allIndicators());
}

function drawAssumptions() {
  const box = document.getElementById("assumptions");
  box.replaceChildren(heading("assumptions", "assumptions_head"),
    element("ul", {}, ...["assume_1", "assume_2", "assume_3", "assume_4"].map(k => element("li", {}, t(k)))));
  for (const f of DATA.files) {
    const p = f.programme;
    const m = f.measures;
    if (DATA.files.length > 1) box.append(element("h3", {}, fileLabel(f)));
    box.append(element("h3", {}, t("programme")), p.present && p.programme.length > 0 ?
      tableElement([t("programme"), t("place"), t("homes"), t("from"), t("to"), t("source")], p.programme.map((id, i) => [id, p.place[i], p.homes[i], p.from_year[i], p.to_year[i], p.source[i]]), undefined) :
      element("p", {}, t("no_programme")));
    box.append(element("h3", {}, t("measures")), m.present && m.kind.length > 0 ?
      tableElement([t("kind"), t("start"), t("value"), "", t("targets"), t("source")], m.kind.map((k, i) => [t("kind_" + k) === "kind_" + k ? k : t("kind_" + k), m.start_year[i], m.text[i] !== "" && !(m.value[i] > 0) ? null : m.value[i], t(m.text[i]), m.targets[i], m.source[i]]), undefined) :
      element("p", {}, t("no_measures")));
    box.append(element("details", {}, element("summary", {}, t("full_scenario")), element("pre", {tabindex: "0"}, f.yaml)));
  }
}

async function drawPage() {
  const f = DATA.files[0];
  document.documentElement.lang = language === 0 ? "nb" : "en";
  document.title = t("page_title", {title: f.title});
  document.querySelectorAll("[data-text]").forEach(e => { e.textContent = t(e.dataset.text); });
  document.getElementById("title").textContent = DATA.files.length > 1 ? t("title_many", {n: DATA.files.length}) : f.title;
  document.getElementById("subtitle").textContent = t("subtitle", {years: [...new Set(DATA.files.flatMap(g => g.years))].sort().join(", "), runs: f.replications, seed: f.seed}) +
    (f.scale < 1 ? " " + t("sample", {share: number(f.scale * 100, f.scale * 100 % 1 ? 1 : 0)}) : "");
  document.getElementById("scenarios").replaceChildren(...(DATA.files.length > 1 ? DATA.files.map((g, i) =>
    element("li", {}, element("strong", {}, letterOf(g)), (i === 0 ? " (" + t("base") + ") " : " ") + g.title, element("span", {class: "muted"}, " " + g.file))) : []));
  const button = document.getElementById("language");
  button.textContent = language === 0 ? "English" : "Norsk";
  button.lang = language === 0 ? "en" : "nb";
  document.getElementById("foot").textContent = t("foot", {program: f.program, commit: f.commit});
  drawVerdict();
  const charts = document.getElementById("charts");
  const grid = element("div", {class: "grid"});
  charts.replaceChildren(heading("charts", "charts_head"), grid);
  drawComparison();
  drawAssumptions();
  await drawMapSection();
  drawCharts(grid);
  document.body.dataset.ready = "yes";
}

document.getElementById("language").addEventListener("click", () => {
  language = 1 - language;
  drawPage();
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPage);
window.addEventListener("beforeprint", () => document.querySelectorAll("details[data-table]").forEach(d => { d.open = true; }));
drawPage();
