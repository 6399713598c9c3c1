// The map: every link is drawn on one canvas over Leaflet's panes, each direction beside the other.
"use strict";
// cividis (Nunez, Anderton and Renslow 2018), made for every colour vision; the difference scale runs blue to orange.
const RAMP = ["#00204d", "#2a406c", "#575d6d", "#7d7c78", "#a69d75", "#d3c164", "#ffea46"];
const RAMP_DARK = ["#3b5a8c", "#5f7196", "#82898f", "#a19e8d", "#bdb27f", "#dccb66", "#ffea46"];
const LESS = ["#9ecae1", "#4292c6", "#08519c"];
const MORE = ["#fdbe85", "#f16913", "#8c2d04"];
const STEPS = [1, 50, 150, 400, 800, 1500, 2500];          // an hour
const STEPS_DAY = [1, 500, 1500, 4000, 8000, 15000, 25000];  // a day
const STEPS_SMALL = [1, 5, 15, 40, 80, 150, 250];
const STEPS_SMALL_DAY = [1, 25, 75, 200, 500, 1000, 2000];
const STEPS_SPEED = [1, 20, 30, 40, 50, 70, 90];
// Of a difference: six classes in three colours.
const STEPS_CHANGE = [2, 10, 30, 80, 200, 500];
const STEPS_CHANGE_DAY = [10, 100, 300, 800, 2000, 5000];
const STEPS_CHANGE_SMALL = [1, 3, 10, 30, 60, 120];
const STEPS_CHANGE_SMALL_DAY = [2, 10, 30, 100, 300, 800];
const STEPS_CHANGE_SPEED = [1, 2, 4, 8, 15, 25];
const SMALL = new Set(["lorry", "bus", "cycle", "walk", "bus_load"]);
const dark = () => window.matchMedia("(prefers-color-scheme: dark)").matches;

const mapState = {file: 0, base: "none", year: 0, layer: "car", hour: -1, chosen: -1, timer: null, values: null, difference: false};

function stepsOf(layer, hour) {
  if (mapState.difference) {
    if (layer === "speed") return STEPS_CHANGE_SPEED;
    if (SMALL.has(layer)) return hour < 0 ? STEPS_CHANGE_SMALL_DAY : STEPS_CHANGE_SMALL;
    return hour < 0 ? STEPS_CHANGE_DAY : STEPS_CHANGE;
  }
  if (layer === "speed") return STEPS_SPEED;
  if (SMALL.has(layer)) return hour < 0 ? STEPS_SMALL_DAY : STEPS_SMALL;
  return hour < 0 ? STEPS_DAY : STEPS;
}
function classOf(value, steps) {
  let c = -1;
  while (c + 1 < steps.length && value >= steps[c + 1]) c++;
  return c;
}

const LinkLayer = L.Layer.extend({
  initialize(network) { this.network = network; },
  onAdd(map) {
    this.map = map;
    this.canvas = L.DomUtil.create("canvas", "links leaflet-zoom-hide", map.getPane("overlayPane"));
    map.on("moveend zoomend resize viewreset", this.redraw, this);
    this.redraw();
  },
  onRemove(map) {
    this.canvas.remove();
    map.off("moveend zoomend resize viewreset", this.redraw, this);
  },
  // Points of all links in pixels of the view, kept until the view changes.
  project() {
    const n = this.network;
    const origin = this.map.containerPointToLayerPoint([0, 0]);
    this.px = new Float32Array(n.x.length);
    this.py = new Float32Array(n.x.length);
    const crs = this.map.options.crs;
    const zoom = this.map.getZoom();
    const scale = crs.scale(zoom);
    const shift = this.map.getPixelOrigin().add(origin);
    const unit = crs.projection;
    const transform = crs.transformation;
    for (let i = 0; i < n.x.length; i++) {
      const p = unit.project({lat: n.y[i], lng: n.x[i]});
      transform._transform(p, scale);
      this.px[i] = p.x - shift.x;
      this.py[i] = p.y - shift.y;
    }
    this.findVisible();
  },
  // Links that touch the view: only these are drawn.
  findVisible() {
    const n = this.network;
    const size = this.map.getSize();
    this.visible = [];
    for (let l = 0; l < n.count; l++) {
      let west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
      for (let i = n.first[l]; i < n.first[l + 1]; i++) {
        west = Math.min(west, this.px[i]);
        east = Math.max(east, this.px[i]);
        north = Math.min(north, this.py[i]);
        south = Math.max(south, this.py[i]);
      }
      if (east > -20 && west < size.x + 20 && south > -20 && north < size.y + 20) this.visible.push(l);
    }
  },
  redraw() {
    const size = this.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    this.canvas.style.width = size.x + "px";
    this.canvas.style.height = size.y + "px";
    this.project();
    this.paint();
  },
  line(g, l, shift) {
    const a = this.network.first[l];
    const b = this.network.first[l + 1];
    if (shift === 0) {
      g.moveTo(this.px[a], this.py[a]);
      for (let i = a + 1; i < b; i++) g.lineTo(this.px[i], this.py[i]);
      return;
    }
    for (let i = a; i < b; i++) {
      const p = i > a ? i - 1 : i;
      const q = i + 1 < b ? i + 1 : i;
      const dx = this.px[q] - this.px[p];
      const dy = this.py[q] - this.py[p];
      const length = Math.hypot(dx, dy) || 1;
      const x = this.px[i] - dy / length * shift;
      const y = this.py[i] + dx / length * shift;
      if (i === a) g.moveTo(x, y);
      else g.lineTo(x, y);
    }
  },
  paint() {
    const g = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    const style = getComputedStyle(document.documentElement);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    g.lineCap = "round";
    g.lineJoin = "round";
    g.strokeStyle = style.getPropertyValue("--road");
    g.lineWidth = 1;
    g.beginPath();
    for (const l of this.visible) this.line(g, l, 0);
    g.stroke();
    if (mapState.values !== null) this.paintValues(g);
    if (mapState.chosen >= 0) {
      g.strokeStyle = style.getPropertyValue("--exceeds");
      g.lineWidth = 3;
      g.beginPath();
      this.line(g, mapState.chosen, this.shiftOf(mapState.chosen));
      g.stroke();
    }
    this.canvas.dataset.drawn = String(this.visible.length);
  },
  zoomFactor() { return Math.min(1.6, Math.max(0.5, (this.map.getZoom() - (this.network.local ? -8 : 9)) / 5)); },
  widthOf(c) { return (0.8 + 1.3 * c) * this.zoomFactor(); },
  shiftOf(l) {
    const c = this.classes === undefined ? 0 : Math.abs(this.classes[l]);
    return 0.5 * this.widthOf(c) + 0.6;
  },
  // Links of a class in one path; classes in rising order, so that the busiest are on top.
  paintValues(g) {
    const steps = stepsOf(mapState.layer, mapState.hour);
    const ramp = dark() ? RAMP_DARK : RAMP;
    const n = this.network.count;
    this.classes = new Int8Array(n);
    for (let l = 0; l < n; l++) {
      const value = mapState.values[l];
      const c = classOf(Math.abs(value), steps);
      this.classes[l] = mapState.difference && value < 0 ? -(c + 1) : c + 1;
    }
    const byClass = new Map();
    for (const l of this.visible) {
      const key = this.classes[l];
      if (!byClass.has(key)) byClass.set(key, []);
      byClass.get(key).push(l);
    }
    for (let c = 1; c <= steps.length; c++) {
      for (const sign of mapState.difference ? [1, -1] : [1]) {
        const scale = sign < 0 ? LESS : MORE;
        g.strokeStyle = mapState.difference ? scale[Math.min(2, Math.floor((c - 1) / 2))] : ramp[c - 1];
        g.lineWidth = mapState.layer === "speed" && !mapState.difference ? 2.5 * this.zoomFactor() : this.widthOf(c);
        g.beginPath();
        for (const l of byClass.get(sign * c) || []) this.line(g, l, 0.5 * g.lineWidth + 0.6);
        g.stroke();
      }
    }
  },
  // The link nearest to a point of the view within 12 pixels.
  at(point) {
    const n = this.network;
    let best = -1;
    let bestDistance = 144;
    for (const l of this.visible) {
      const shift = this.shiftOf(l);
      for (let i = n.first[l] + 1; i < n.first[l + 1]; i++) {
        const dx = this.px[i] - this.px[i - 1];
        const dy = this.py[i] - this.py[i - 1];
        const length = Math.hypot(dx, dy) || 1;
        const ax = this.px[i - 1] - dy / length * shift;
        const ay = this.py[i - 1] + dx / length * shift;
        const f = Math.max(0, Math.min(1, ((point.x - ax) * dx + (point.y - ay) * dy) / (length * length)));
        const distance = (ax + f * dx - point.x) ** 2 + (ay + f * dy - point.y) ** 2;
        if (distance < bestDistance) {
          best = l;
          bestDistance = distance;
        }
      }
    }
    return best;
  }
});

function sumHours(hours, count, layer, hour) {
  const out = new Float64Array(count);
  if (hours === null) return out;
  if (hour >= 0) {
    for (let l = 0; l < count; l++) out[l] = hours[hour * count + l];
    return out;
  }
  for (let l = 0; l < count; l++) {
    let sum = 0;
    let driven = 0;
    for (let h = 0; h < 24; h++) {
      sum += hours[h * count + l];
      driven += hours[h * count + l] > 0 ? 1 : 0;
    }
    out[l] = layer === "speed" ? (driven > 0 ? sum / driven : 0) : sum;
  }
  return out;
}

// WKT POLYGON as [[lat, lon] ...]; null for anything else.
function wktRing(text) {
  const found = /^\s*POLYGON\s*\(\(([^()]*)\)/i.exec(text);
  if (found === null) return null;
  const ring = found[1].split(",").map(p => p.trim().split(/\s+/).map(Number)).filter(p => p.length >= 2 && p.every(Number.isFinite));
  return ring.length >= 3 ? ring.map(p => [p[1], p[0]]) : null;
}

function addBase(map, file) {
  const style = getComputedStyle(document.documentElement);
  file.area_geometry.forEach((geometry, i) => {
    const ring = wktRing(geometry);
    const id = file.area_ids[i];
    if (ring === null) return;
    const fill = /water|vann|fjord|lake/.test(id) ? "--water" : /park|forest|skog|green(?!_boundary)/.test(id) ? "--green" : null;
    const judged = id === "sentrum";
    L.polygon(ring, {color: judged ? style.getPropertyValue("--accent") : style.getPropertyValue("--muted"), weight: judged ? 2 : 1,
      dashArray: judged ? "6 4" : "2 5", fill: fill !== null || judged, fillColor: fill === null ? style.getPropertyValue("--accent") : style.getPropertyValue(fill),
      fillOpacity: fill === null ? 0.05 : 0.8, interactive: false}).addTo(map);
  });
}

function addLabels(map, file) {
  const shown = [];
  for (const [name, lon, lat] of file.labels) {
    if (name === "" || !map.options.bounds.contains([lat, lon])) continue;
    const text = document.createElement("span");
    text.textContent = name;  // never as HTML
    const marker = L.marker([lat, lon], {interactive: false, keyboard: false, icon: L.divIcon({className: "place-label", html: text, iconSize: [0, 0]})});
    shown.push([marker, lat, lon, name]);
  }
  // Names that would lie on each other wait for a closer look.
  const place = () => {
    const taken = [];
    for (const [marker, lat, lon, name] of shown) {
      const p = map.latLngToContainerPoint([lat, lon]);
      p.half = 3.6 * name.length;  // about half the width in pixels
      const free = taken.every(q => Math.abs(q.x - p.x) > q.half + p.half || Math.abs(q.y - p.y) > 18);
      if (free) {
        taken.push(p);
        marker.addTo(map);
      } else {
        marker.remove();
      }
    }
  };
  map.on("zoomend", place);
  place();
}

// The area that is judged, with some room around it; null where the file has no such polygon.
function sentrumBounds() {
  const file = DATA.files[0];
  const ring = wktRing(file.area_geometry[file.area_ids.indexOf("sentrum")] || "");
  return ring === null ? null : L.latLngBounds(ring).pad(0.25);
}
// Where the town is: links inside the municipality if there are any.
function townBounds(network) {
  const bounds = L.latLngBounds([]);
  const inside = network.column.inside.some(v => v > 0);
  for (let l = 0; l < network.count; l++) {
    if (inside && network.column.inside[l] === 0) continue;
    for (let i = network.first[l]; i < network.first[l + 1]; i++) bounds.extend([network.y[i], network.x[i]]);
  }
  return bounds.isValid() ? bounds : L.latLngBounds([[0, 0], [1, 1]]);
}

function makeMap(network, container) {
  const bounds = townBounds(network);
  const map = L.map(container, {crs: network.local ? L.CRS.Simple : L.CRS.EPSG3857, zoomControl: true, attributionControl: false,
    zoomSnap: 0.25, bounds, minZoom: network.local ? -10 : 7, maxZoom: network.local ? 4 : 18, zoomAnimation: false, fadeAnimation: false});
  map.fitBounds((!network.local && sentrumBounds()) || bounds, {padding: [10, 10]});
  return map;
}

const circleGroup = {layer: null};
function homesBuilt(file, year) {
  const p = file.programme;
  if (!p.present) return [];
  return p.programme.map((id, i) => {
    const years = p.to_year[i] - p.from_year[i] + 1;
    const share = Math.max(0, Math.min(1, (year - p.from_year[i] + 1) / years));
    return {name: p.place[i], lon: p.lon[i], lat: p.lat[i], value: Math.round(p.homes[i] * share)};
  });
}
function stopBoardings(file, yearIx, local) {
  const s = file.stops;
  return s.name.map((name, i) => ({name, lon: local ? s.x_m[i] : s.lon[i], lat: local ? s.y_m[i] : s.lat[i], value: s.boardings[yearIx * s.count + i]}));
}
function drawCircles(map, network) {
  if (circleGroup.layer !== null) circleGroup.layer.remove();
  circleGroup.layer = L.layerGroup().addTo(map);
  const file = DATA.files[mapState.file];
  const homes = mapState.layer === "homes";
  const list = homes ? homesBuilt(file, file.years[mapState.year]) : stopBoardings(file, mapState.year, network.local);
  const most = Math.max(1, ...list.map(c => c.value || 0));
  for (const c of list) {
    if (!(c.value > 0) || c.lon === null || c.lat === null) continue;
    const text = document.createElement("span");
    text.textContent = c.name + ": " + number(c.value, 0);
    L.circleMarker([c.lat, c.lon], {radius: 4 + 22 * Math.sqrt(c.value / most), color: "#ffffff", weight: 1.5, fillColor: homes ? "#cc79a7" : "#0072b2", fillOpacity: 0.75})
      .bindTooltip(text).addTo(circleGroup.layer);
  }
  return list;
}

function legendKey(color, width, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", "26");
  svg.setAttribute("height", "14");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [k, v] of Object.entries({x1: 2, y1: 7, x2: 24, y2: 7, stroke: color, "stroke-width": width, "stroke-linecap": "round"})) line.setAttribute(k, v);
  svg.append(line);
  return element("span", {class: "key"}, svg, label);
}
function drawLegend(box) {
  box.replaceChildren();
  const unit = mapState.layer === "speed" ? "km/h" : t("layer_" + mapState.layer) + " " + t(mapState.hour < 0 ? "per_day" : "per_hour");
  if (mapState.layer === "homes" || mapState.layer === "stops") {
    box.append(t("layer_" + mapState.layer) + (mapState.layer === "homes" ? ", " + t("built_by", {year: DATA.files[mapState.file].years[mapState.year]}) : " " + t("per_day")));
    return;
  }
  const steps = stepsOf(mapState.layer, mapState.hour);
  if (mapState.difference) {
    [[LESS, "legend_less", "−"], [MORE, "legend_more", "+"]].forEach(([scale, word, sign]) => scale.forEach((color, i) =>
      box.append(legendKey(color, 0.8 + 1.3 * (2 * i + 1.5), t(word) + " " + sign + number(steps[2 * i], 0) + (i < 2 ? "–" + number(steps[2 * i + 2], 0) : "+")))));
  } else {
    steps.forEach((from, i) => box.append(legendKey((dark() ? RAMP_DARK : RAMP)[i], 0.8 + 1.3 * (i + 1),
      number(from, 0) + (i + 1 < steps.length ? "–" + number(steps[i + 1], 0) : "+"))));
  }
  box.append(element("span", {class: "muted"}, unit));
}
