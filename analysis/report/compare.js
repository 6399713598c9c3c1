// Scenarios side by side: the numbers are those of `vestsim compare --format json`, embedded by the program.
"use strict";

// A cell that shows a rounded value and keeps the exact one.
function valueCell(text, value) {
  return element("td", {"data-value": JSON.stringify(value)}, text);
}
function intervalText(pair, decimals) {
  return pair.every(v => v !== null && Number.isFinite(v)) ? t("interval_text", {low: signed(pair[0], decimals), high: signed(pair[1], decimals)}) : "–";
}

function comparisonHead(comparison, other) {
  const level = number(comparison.confidence * 100, comparison.confidence * 100 % 1 ? 1 : 0);
  return [t("indicator"), t("unit"), letterOf(DATA.files[0]), letterOf(DATA.files[other]), letterOf(DATA.files[other]) + " − " + letterOf(DATA.files[0]), t("difference_pct"), t("interval_at", {level}), t("t_interval"), t("probability_below"), t("pairs"), t("shown")];
}

function comparisonRow(name, unit, cell) {
  const decimals = figuresFor(Math.max(Math.abs(cell.base_mean), Math.abs(cell.mean)));
  const shown = cell.pairs === 0 ? t("no_pairs") : cell.shown === "not_shown" ? t("shown_not_shown") : t(cell.shown);
  return element("tr", {"data-indicator": name, class: "shown-" + cell.shown},
    element("td", indicatorLabel(name).startsWith(" ") ? {class: "part"} : {}, indicatorLabel(name).trim()), valueCell(unitLabel(name), unit),
    valueCell(number(cell.base_mean, decimals), cell.base_mean), valueCell(number(cell.mean, decimals), cell.mean),
    valueCell(signed(cell.difference, decimals), cell.difference), valueCell(signed(cell.difference_pct, 1), cell.difference_pct),
    valueCell(intervalText(cell.ci, decimals), cell.ci), valueCell(intervalText(cell.t_ci, decimals), cell.t_ci),
    valueCell(number(cell.probability_at_or_below_0, 2), cell.probability_at_or_below_0), valueCell(String(cell.pairs), cell.pairs),
    valueCell(shown, cell.shown));
}

// Every year and file of the comparison, with the exact numbers: for the download.
function comparisonCsv(comparison) {
  const head = ["year", "indicator", "name", "unit", "file", "base", "pairs", "base_mean", "mean", "difference", "difference_pct", "low", "high", "t_low", "t_high", "probability_at_or_below_0", "shown"];
  const rows = comparison.years.flatMap(year => Object.entries(year.indicators).flatMap(([name, entry]) => entry.differences.map(c =>
    [year.year, name, indicatorLabel(name), entry.unit, c.file, comparison.base, c.pairs, c.base_mean, c.mean, c.difference, c.difference_pct, ...c.ci, ...c.t_ci, c.probability_at_or_below_0, c.shown])));
  return csvText(head, rows);
}

// The verdict of each file by year: the answer side by side.
function verdictTable(comparison) {
  const years = comparison.years.filter(y => y.verdicts.length > 0);
  const cell = (year, file) => {
    const v = year.verdicts.find(w => w.file === file.file);
    if (v === undefined) return element("td", {}, "–");
    const interval = intervalText(v.ci_pct, 1);
    return element("td", {class: "judged " + v.verdict, "data-value": JSON.stringify([v.index_pct, ...v.ci_pct, v.verdict])},
      element("strong", {}, signed(v.index_pct, 1) + " %"), " " + t(v.verdict), interval === "–" ? "" : element("div", {class: "muted"}, interval));
  };
  return element("div", {class: "scroll", tabindex: "0"}, element("table", {id: "comparison-verdicts"},
    element("caption", {}, t("comparison_verdicts")),
    element("thead", {}, element("tr", {}, element("th", {scope: "col"}, t("scenario")), ...years.map(y => element("th", {scope: "col"}, String(y.year))))),
    element("tbody", {}, ...comparison.files.map((f, i) => element("tr", {}, element("th", {scope: "row", title: DATA.files[i].title}, letterOf(DATA.files[i])), ...years.map(y => cell(y, f)))))));
}

function comparisonTable(comparison) {
  const years = comparison.years.filter(y => Object.values(y.indicators).some(i => i.differences.length > 0));
  const place = element("div", {});
  const yearBox = element("select", {id: "comparison-year"}, ...years.map(y => element("option", {value: y.year}, String(y.year))));
  const fileBox = element("select", {id: "comparison-file"}, ...comparison.files.slice(1).map((f, i) => element("option", {value: i + 1}, fileLabel(DATA.files[i + 1]))));
  const show = () => {
    const other = Number(fileBox.value);
    const year = years.find(y => y.year === Number(yearBox.value));
    const rows = Object.entries(year.indicators).map(([name, entry]) => [name, entry.unit, entry.differences.find(d => d.file === comparison.files[other].file)]).filter(r => r[2] !== undefined);
    place.replaceChildren(element("div", {class: "scroll", tabindex: "0"}, element("table", {id: "comparison-table", "data-year": year.year, "data-file": comparison.files[other].file},
      element("thead", {}, element("tr", {}, ...comparisonHead(comparison, other).map(h => element("th", {scope: "col"}, h)))),
      element("tbody", {}, ...rows.map(r => comparisonRow(...r))))));
  };
  const warnings = comparison.warnings.length === 0 ? [] : [element("details", {}, element("summary", {}, t("comparison_warnings") + " (" + comparison.warnings.length + ")"),
    element("ul", {lang: "en"}, ...comparison.warnings.map(w => element("li", {}, w))))];
  yearBox.addEventListener("change", show);
  fileBox.addEventListener("change", show);
  if (years.length > 0) {
    yearBox.value = String(years[years.length - 1].year);
    show();
  }
  return element("div", {}, ...warnings,
    ...(years.length > 0 ? [element("div", {class: "controls"}, element("label", {}, t("year"), yearBox),
      ...(comparison.files.length > 2 ? [element("label", {}, t("scenario"), fileBox)] : [])), place,
      element("button", {type: "button", class: "csv", onclick: () => download("comparison.csv", comparisonCsv(comparison))}, t("csv"))] : []));
}
