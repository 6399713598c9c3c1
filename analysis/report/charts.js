// The charts and their tables. Series differ by colour, dash and mark.
"use strict";
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#f0e442"];
const MODE_COLORS = {car_driver: "#d55e00", car_passenger: "#e69f00", pt: "#0072b2", cycle: "#009e73", walk: "#56b4e9"};
const MARKS = ["circle", "rect", "triangle", "rectRot", "star", "cross", "crossRot", "dash"];
const chartsMade = [];

function themeColors() {
  const style = getComputedStyle(document.documentElement);
  Chart.defaults.color = style.getPropertyValue("--ink").trim();
  Chart.defaults.borderColor = style.getPropertyValue("--line").trim();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.locale = language === 0 ? "nb-NO" : "en-GB";
  Chart.defaults.animation = false;
}

function axis(title, extra) {
  return Object.assign({title: {display: true, text: title}}, extra);
}

// A card with head, picture, and the table behind it.
function card(parent, name, title, table, controls) {
  const canvas = element("canvas", {role: "img", "aria-label": title});
  const note = element("p", {class: "muted"});
  const box = element("div", {class: "card", "data-chart": name}, element("h3", {}, title), ...(controls || []), element("div", {class: "plot"}, canvas), note);
  const place = element("div", {});
  box.append(place);
  parent.append(box);
  const setTable = content => place.replaceChildren(tableBehind(name, content.head, content.rows, content.decimals));
  if (table) setTable(table);
  return {canvas, note, setTable};
}
function draw(canvas, config) {
  const old = chartsMade.findIndex(c => c.canvas === canvas);
  if (old >= 0) chartsMade.splice(old, 1)[0].destroy();
  config.options = Object.assign({responsive: true, maintainAspectRatio: false}, config.options);
  const made = new Chart(canvas, config);
  chartsMade.push(made);
  return made;
}

// Intervals as thin bars behind the points.
const intervalBars = {
  id: "intervals",
  beforeDatasetsDraw(chart) {
    const g = chart.ctx;
    chart.data.datasets.forEach((set, d) => {
      if (!set.intervals || !chart.isDatasetVisible(d)) return;
      chart.getDatasetMeta(d).data.forEach((point, i) => {
        const interval = set.intervals[i];
        if (!interval || !interval.every(Number.isFinite)) return;
        const low = chart.scales.y.getPixelForValue(interval[0]);
        const high = chart.scales.y.getPixelForValue(interval[1]);
        g.save();
        g.strokeStyle = set.borderColor;
        g.lineWidth = 2;
        g.beginPath();
        g.moveTo(point.x, low);
        g.lineTo(point.x, high);
        for (const y of [low, high]) {
          g.moveTo(point.x - 6, y);
          g.lineTo(point.x + 6, y);
        }
        g.stroke();
        g.restore();
      });
    });
  }
};

function chartIndex(parent) {
  const years = [...new Set(DATA.files.flatMap(f => f.verdict.map(v => v.year).concat(f.years[0])))].sort((a, b) => a - b);
  const rows = DATA.files.flatMap(f => f.verdict.map(v => [fileLabel(f), v.year, v.index_pct, v.low_pct, v.high_pct, v.t_low_pct, v.t_high_pct, v.probability, v.pairs, t(v.code)]));
  const c = card(parent, "change", t("chart_index"), {head: [t("scenario"), t("year"), "%", t("interval") + " ≥", t("interval") + " ≤", "t ≥", "t ≤", "P(≤ 0)", "n", ""], rows, decimals: [0, undefined, 2, 2, 2, 2, 2, 3, 0, 0]});
  const all = DATA.files.flatMap(f => f.verdict.flatMap(v => [v.low_pct, v.high_pct, v.index_pct])).filter(Number.isFinite).concat(0);
  draw(c.canvas, {type: "line", plugins: [intervalBars], data: {labels: years, datasets: DATA.files.map((f, i) => ({
    label: letterOf(f) || f.title, borderColor: COLORS[i], backgroundColor: COLORS[i], pointStyle: MARKS[i], pointRadius: 6, borderDash: i === 0 ? [] : [6, 2 + 2 * i], spanGaps: true,
    data: years.map(y => y === f.years[0] ? 0 : (f.verdict.find(v => v.year === y) || {index_pct: null}).index_pct),
    intervals: years.map(y => { const v = f.verdict.find(w => w.year === y); return v ? [v.low_pct, v.high_pct] : null; })}))},
  options: {scales: {x: axis(t("axis_year")), y: axis(t("axis_change"), {suggestedMin: Math.min(...all) - 1, suggestedMax: Math.max(...all) + 1})},
    plugins: {legend: {display: DATA.files.length > 1, labels: {usePointStyle: true}}}}});
}

// Trips of a file and year by one axis of area_trips: sums over the other.
function tripShares(file, yearIx, by) {
  const nP = file.purposes.length;
  const nM = file.modes.length;
  const groups = by === "area" ? file.areas : file.purposes;
  const sum = groups.map(() => new Array(nM).fill(0));
  file.area_trips[yearIx].forEach((value, i) => {
    const m = i % nM;
    const p = Math.floor(i / nM) % nP;
    const a = Math.floor(i / nM / nP);
    sum[by === "area" ? a : p][m] += value;
  });
  return groups.map((name, g) => ({name, trips: sum[g].reduce((x, y) => x + y, 0), shares: sum[g].map(v => v * 100 / (sum[g].reduce((x, y) => x + y, 0) || 1))}));
}
function groupName(by, name) {
  const words = t(name);
  return by === "area" && words === name ? name.charAt(0).toUpperCase() + name.slice(1) : words;
}
function yearChoice(onchange) {
  const choice = element("select", {"aria-label": t("scenario") + ", " + t("year")});
  DATA.files.forEach((f, i) => f.years.forEach((y, k) => choice.append(element("option", {value: i + "/" + k}, (DATA.files.length > 1 ? letterOf(f) + ": " : "") + (k === 0 ? t("today_of", {year: y}) : y)))));
  choice.addEventListener("change", () => onchange(...choice.value.split("/").map(Number)));
  return choice;
}
function chartShares(parent, by) {
  const show = (fileIx, yearIx) => {
    const file = DATA.files[fileIx];
    const groups = tripShares(file, yearIx, by).filter(g => g.trips > 0);
    draw(c.canvas, {type: "bar", data: {labels: groups.map(g => groupName(by, g.name)), datasets: file.modes.map((m, i) => ({label: t(m), data: groups.map(g => g.shares[i]), backgroundColor: MODE_COLORS[m] || COLORS[i]}))},
      options: {indexAxis: "y", scales: {x: axis(t("axis_share"), {stacked: true, max: 100}), y: {stacked: true}}, plugins: {legend: {position: "bottom", labels: {boxWidth: 14}}}}});
    c.setTable({head: [t(by), ...file.modes.map(m => t(m) + ", %"), "n"], rows: groups.map(g => [groupName(by, g.name), ...g.shares, g.trips]), decimals: [0, ...file.modes.map(() => 1), 0]});
  };
  const choice = yearChoice((f, y) => show(f, y));
  const c = card(parent, "shares_" + by, t("chart_" + by), null, [choice]);
  show(0, 0);
}

function chartHours(parent) {
  const points = DATA.files[0].points;
  if (points.length === 0) return;
  const choice = element("select", {"aria-label": t("point")}, ...points.map((p, i) => element("option", {value: i}, p.name)));
  const c = card(parent, "hours", t("chart_hours"), null, [choice]);
  const total = hours => hours.reduce((a, b) => a + b, 0);
  const show = () => {
    const sets = [];
    DATA.files.forEach((f, i) => {
      const p = f.points.find(q => q.id === points[choice.value].id);
      (p ? p.hours : []).forEach((hours, y) => {
        if (i > 0 && y === 0) return;  // today is the same town in every scenario
        sets.push({label: (DATA.files.length > 1 && y > 0 ? letterOf(f) + ": " : "") + (y === 0 ? t("today_of", {year: f.years[0]}) : f.years[y]), data: hours[0],
          borderColor: COLORS[sets.length % 8], backgroundColor: COLORS[sets.length % 8], pointStyle: MARKS[sets.length % 8], borderDash: y === 0 ? [] : [4 + 2 * y, 3], pointRadius: 2.5});
      });
    });
    const p = points[choice.value];
    const m = number(total(p.hours[0][0]), 0);
    c.note.textContent = p.observed === null ? t("counted_none", {m, year: DATA.files[0].years[0]}) : t("counted", {n: number(p.observed, 0), m, year: DATA.files[0].years[0]});
    draw(c.canvas, {type: "line", data: {labels: [...Array(24).keys()], datasets: sets}, options: {scales: {x: axis(t("axis_hour")), y: axis(t("axis_vehicles_h"), {beginAtZero: true})},
      plugins: {legend: {position: "bottom", labels: {usePointStyle: true}}}}});
    c.setTable({head: [t("axis_hour"), ...sets.map(s => s.label)], rows: [...Array(24).keys()].map(h => [h, ...sets.map(s => s.data[h])]), decimals: [undefined, ...sets.map(() => 0)]});
  };
  choice.addEventListener("change", show);
  show();
}

function chartCounts(parent) {
  const f = DATA.files[0];
  const points = f.points.filter(p => p.observed !== null);
  if (points.length === 0) return;
  const model = points.map(p => p.hours[0][0].reduce((a, b) => a + b, 0));
  const c = card(parent, "counts", t("chart_counts"), {head: [t("point"), t("count"), t("model"), t("ratio"), t("source")],
    rows: points.map((p, i) => [p.name, p.observed, model[i], model[i] * 100 / p.observed, p.source]), decimals: [0, 0, 0, 0, 0]});
  draw(c.canvas, {type: "bar", data: {labels: points.map(p => p.name), datasets: [{label: t("count"), data: points.map(p => p.observed), backgroundColor: "#7f7f7f"},
    {label: t("model"), data: model, backgroundColor: "#0072b2"}]}, options: {scales: {y: axis(t("axis_vehicles_day"), {beginAtZero: true})}, plugins: {legend: {position: "bottom"}}}});
}

// One group of bars a year and file.
function bars(parent, name, title, unit, series, stacked) {
  const present = series.filter(([key]) => DATA.files.some(f => indicator(f, key) !== undefined));
  if (present.length === 0) return;
  const slots = DATA.files.flatMap(f => f.years.map((y, k) => ({f, k, label: yearLabel(f, y)})));
  const value = (slot, key) => { const means = indicatorMeans(slot.f, key); return means === null ? null : means[slot.k]; };
  const decimals = Math.max(...slots.flatMap(s => present.map(([key]) => Math.abs(value(s, key) || 0)))) > 100 ? 0 : 2;
  const c = card(parent, name, title, {head: [t("scenario"), t("year"), ...present.map(s => s[1])], rows: slots.map(s => [fileLabel(s.f), s.f.years[s.k], ...present.map(([key]) => value(s, key))]),
    decimals: [0, undefined, ...present.map(() => decimals)]});
  draw(c.canvas, {type: "bar", data: {labels: slots.map(s => s.label), datasets: present.map(([key, label], i) => ({label, data: slots.map(s => value(s, key)), backgroundColor: COLORS[i]}))},
    options: {scales: {x: {stacked}, y: axis(unit, {stacked, beginAtZero: true})}, plugins: {legend: {display: present.length > 1, position: "bottom"}}}});
}

function drawCharts(parent) {
  chartsMade.splice(0).forEach(c => c.destroy());
  themeColors();
  if (DATA.files.some(f => f.verdict.length > 0)) chartIndex(parent);
  bars(parent, "who", t("chart_who"), t("axis_km"), [["sentrum_car_resident", t("residents")], ["sentrum_car_visitor", t("visitors")], ["sentrum_car_through", t("through")]], true);
  chartShares(parent, "area");
  chartShares(parent, "purpose");
  chartHours(parent);
  chartCounts(parent);
  bars(parent, "co2", t("chart_co2"), t("axis_co2"), [["co2_t", "CO₂"]], false);
  const noise = [...new Set(DATA.files.flatMap(f => f.indicators.map(i => i.name)))].filter(n => n.startsWith("noise"));
  if (noise.length > 0) bars(parent, "noise", t("chart_noise"), (indicator(DATA.files[0], noise[0]) || {unit: ""}).unit, noise.map(n => [n, n.replaceAll("_", " ")]), false);
  bars(parent, "activity", t("chart_activity"), t("axis_minutes"), [["activity_min", t("chart_activity")]], false);
}
