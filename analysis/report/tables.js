// Tables behind the pictures. All text goes in as text nodes: nothing of the data is ever read as HTML.
"use strict";
function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") e.className = value;
    else if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else e.setAttribute(key, value);
  }
  for (const child of children) e.append(child);
  return e;
}

// A field of a CSV file; a leading = + - @ of a text would be a formula in a spreadsheet.
function csvField(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
  return /[",\n\r;]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}
function csvText(head, rows) {
  return "\ufeff" + [head, ...rows].map(row => row.map(csvField).join(",")).join("\r\n") + "\r\n";
}
function download(name, text) {
  const link = element("a", {href: URL.createObjectURL(new Blob([text], {type: "text/csv;charset=utf-8"})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// head: texts; rows: arrays of text or number; decimals: by column, or one for all.
function tableElement(head, rows, decimals) {
  const cell = (value, c) => {
    if (typeof value !== "number") {
      const words = typeof value === "string" && value.length > 28 && c > 0;
      return element("td", words ? {class: "words"} : {}, value === null || value === undefined ? "–" : value);
    }
    const digits = Array.isArray(decimals) ? decimals[c] : decimals;
    return element("td", {}, digits === undefined ? String(value) : number(value, digits));
  };
  return element("div", {class: "scroll", tabindex: "0"}, element("table", {},
    element("thead", {}, element("tr", {}, ...head.map(h => element("th", {scope: "col"}, h)))),
    element("tbody", {}, ...rows.map(row => element("tr", {}, ...row.map(cell))))));
}

function tableBehind(name, head, rows, decimals) {
  return element("details", {"data-table": name},
    element("summary", {}, t("table")),
    tableElement(head, rows, decimals),
    element("button", {type: "button", class: "csv", onclick: () => download(name + ".csv", csvText(head, rows))}, t("csv")));
}
