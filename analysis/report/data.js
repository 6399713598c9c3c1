// The data of the page: JSON, with large arrays as blobs (base64 of zlib of bytes sorted by place value).
"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const MODES = ["car_driver", "car_passenger", "pt", "cycle", "walk"];

async function unpack(blob, width) {
  const text = atob(blob);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < packed.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = bytes.length / width;
  if (width === 2) {
    const out = new Uint16Array(count);
    for (let i = 0; i < count; i++) out[i] = bytes[i] | bytes[count + i] << 8;
    return out;
  }
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = bytes[i] | bytes[count + i] << 8 | bytes[2 * count + i] << 16 | bytes[3 * count + i] << 24;
  return out;
}

// The network's lines as longitude/latitude (or metres in a plane), and its columns.
async function loadNetwork() {
  const n = DATA.network;
  const points = await unpack(n.points, 2);
  const xy = await unpack(n.xy, 4);
  const per = n.crs === "local" ? 10 : 1e6;
  const first = new Uint32Array(n.count + 1);
  const x = new Float64Array(xy.length / 2);
  const y = new Float64Array(xy.length / 2);
  let lastX = 0;
  let lastY = 0;
  for (let i = 0; i < x.length; i++) {
    lastX = (lastX + xy[2 * i]) | 0;
    lastY = (lastY + xy[2 * i + 1]) | 0;
    x[i] = lastX / per;
    y[i] = lastY / per;
  }
  for (let i = 0; i < n.count; i++) first[i + 1] = first[i] + points[i];
  const column = {};
  for (const key of ["length_dm", "lanes_10", "free_kmh", "allowed", "inside", "cordon", "facility"]) {
    column[key] = await unpack(n[key], 4);
  }
  return {count: n.count, local: n.crs === "local", id: n.id, name: n.name, roadClass: n.road_class, first, x, y, column};
}

// Hours of one layer: Uint16Array [24][link]; unpacked once.
const hoursKept = new Map();
async function loadHours(fileIx, layer, yearIx) {
  const key = fileIx + "/" + layer + "/" + yearIx;
  if (!hoursKept.has(key)) {
    const blobs = DATA.files[fileIx].traffic[layer];
    hoursKept.set(key, blobs === undefined ? null : await unpack(blobs[yearIx], 2));
  }
  return hoursKept.get(key);
}

function indicator(file, name) {
  return file.indicators.find(i => i.name === name);
}
function mean(values) {
  return values.length > 0 && values.every(Number.isFinite) ? values.reduce((a, b) => a + b, 0) / values.length : null;
}
function indicatorMeans(file, name) {
  const found = indicator(file, name);
  return found === undefined ? null : found.value.map(mean);
}
// Several scenarios have letters, as on the terminal: A is the base.
function letterOf(file) {
  return DATA.files.length > 1 ? String.fromCharCode(65 + DATA.files.indexOf(file)) : "";
}
function fileLabel(file) {
  return DATA.files.length > 1 ? letterOf(file) + ": " + file.title : file.title;
}
function yearLabel(file, year) {
  return (letterOf(file) + " " + year).trim();
}
// An indicator as a reader would call it; one that the program did not know has its description, in English.
function indicatorLabel(name) {
  const found = DATA.files.map(f => indicator(f, name)).find(i => i !== undefined);
  if (found === undefined) return name;
  return (language === 0 ? found.nb : found.en) || found.doc || name;
}
function unitLabel(name) {
  const found = DATA.files.map(f => indicator(f, name)).find(i => i !== undefined);
  if (found === undefined || found.unit === "1") return "";
  return (language === 0 ? found.unit_nb : found.unit_en) || found.unit;
}
