// Every word of the page in both languages; t("key", {value}) fills {value}.
"use strict";
const TEXT = {
  skip: ["Hopp til innholdet", "Skip to the content"],
  page_title: ["Vestsim-rapport: {title}", "Vestsim report: {title}"],
  subtitle: ["Hverdag i {years}. {runs} simuleringer per år, frø {seed}.", "An average weekday in {years}. {runs} simulations a year, seed {seed}."],
  verdict_head: ["Holder biltrafikken i sentrum seg på dagens nivå?", "Does car traffic in the centre stay at today's level?"],
  holds: ["HOLDER", "HOLDS"], exceeds: ["OVERSKRIDES", "EXCEEDED"], not_shown: ["IKKE VIST", "NOT SHOWN"],
  probability_held: ["Sannsynlighet for at trafikken ikke øker: {p}.", "Probability that traffic does not rise: {p}."],
  below_1: ["under 1 %", "below 1 %"], above_99: ["over 99 %", "above 99 %"], sentences: ["Konklusjonene i hele setninger", "The verdicts in full sentences"],
  title_many: ["Sammenligning av {n} scenarier", "Comparison of {n} scenarios"], base: ["grunnlag", "base"],
  sample: ["{share} % av de reisende er simulert; antall er ganget opp.", "{share} % of travellers are simulated; counts are scaled up."],
  no_years: ["Filen inneholder bare dagens situasjon: det er ingen framtidige år å sammenligne med.", "The file holds today's situation only: there is no later year to compare with."],
  not_converged: ["Merk: minst ett år ({years}) kom ikke helt i likevekt. Tallene er merket og må leses med forsiktighet.",
    "Note: at least one year ({years}) did not reach equilibrium. Its figures are marked and must be read with care."],
  map_head: ["Kart: hvor og når", "Map: where and when"],
  map_note: ["Gatenettet er kartgrunnlaget. Hver linje er én kjøreretning; bredde og farge viser mengden. Velg en gate for å se døgnet.",
    "The street network is the base map. Each line is one direction; width and colour show the amount. Choose a street to see its day."],
  map_old: ["Nettleseren er for gammel til å vise kartet (den mangler DecompressionStream). Tallene under er fullstendige.",
    "This browser is too old to show the map (it lacks DecompressionStream). The figures below are complete."],
  layer: ["Vis", "Show"], year: ["År", "Year"], scenario: ["Scenario", "Scenario"], against: ["Sammenlign med", "Compare with"],
  hour: ["Klokken", "Hour"], whole_day: ["hele døgnet", "whole day"], play: ["Spill av", "Play"], stop: ["Stopp", "Stop"],
  none: ["ingen", "nothing"], today_of: ["i dag ({year})", "today ({year})"],
  layer_car: ["biler", "cars"], layer_lorry: ["lastebiler", "lorries"], layer_bus: ["busser", "buses"], layer_cycle: ["syklister", "cyclists"],
  layer_walk: ["fotgjengere", "people walking"], layer_bus_load: ["passasjerer i buss", "bus passengers"], layer_speed: ["fart, km/t", "speed, km/h"],
  layer_stops: ["påstigninger på holdeplasser", "boardings at stops"], layer_homes: ["nye boliger", "new homes"],
  per_day: ["per døgn", "a day"], per_hour: ["per time", "an hour"],
  legend_none: ["ingen", "none"], legend_less: ["færre", "fewer"], legend_more: ["flere", "more"],
  street: ["Gate", "Street"], street_unnamed: ["uten navn", "unnamed"], close: ["Lukk", "Close"],
  street_head: ["{name} ({id}), {length} m, {lanes} felt, {speed} km/t", "{name} ({id}), {length} m, {lanes} lanes, {speed} km/h"],
  to_sentrum: ["Sentrum", "The centre"], to_town: ["Hele kommunen", "The whole municipality"],
  find_street: ["Finn gate", "Find a street"],
  sentrum: ["Sentrum", "The centre"],
  charts_head: ["Tallene", "The figures"], table: ["Vis tabell", "Show table"], csv: ["Last ned CSV", "Download CSV"],
  chart_index: ["Biltrafikk i sentrum mot dagens nivå", "Car traffic in the centre against today's level"],
  axis_change: ["endring mot i dag, %", "change against today, %"], axis_year: ["år", "year"],
  chart_area: ["Reisemiddel etter hvor folk bor", "Travel mode by where people live"],
  chart_purpose: ["Reisemiddel etter formål", "Travel mode by purpose"],
  axis_share: ["andel av reisene, %", "share of trips, %"], area: ["Område", "Area"], purpose: ["Formål", "Purpose"],
  chart_hours: ["Døgnet ved tellepunktene", "The day at the counting points"], axis_vehicles_h: ["kjøretøy per time", "vehicles an hour"],
  axis_hour: ["klokken", "hour of the day"], point: ["Tellepunkt", "Counting point"],
  counted: ["Talt på en hverdag: {n} kjøretøy. Modellen, {year}: {m}.", "Counted on a weekday: {n} vehicles. The model, {year}: {m}."],
  counted_none: ["Ikke talt. Modellen, {year}: {m}.", "Not counted. The model, {year}: {m}."],
  chart_counts: ["Modellen mot tellingene i dag", "The model against the counts, today"], axis_vehicles_day: ["kjøretøy per hverdag", "vehicles a weekday"],
  model: ["modell", "model"], count: ["telling", "count"], ratio: ["modell / telling, %", "model / count, %"],
  chart_who: ["Hvem kjører i sentrum", "Who drives in the centre"], axis_km: ["bil-km per døgn", "car-km a day"],
  residents: ["innbyggere", "residents"], visitors: ["besøkende og innpendlere", "visitors and in-commuters"], through: ["gjennomfart", "through traffic"],
  chart_co2: ["CO₂ fra veitrafikken", "CO₂ of road traffic"], axis_co2: ["tonn per døgn", "tonnes a day"],
  chart_noise: ["Støy", "Noise"],
  chart_activity: ["Minutter til fots og på sykkel", "Minutes on foot and by cycle"], axis_minutes: ["minutter per innbygger og døgn", "minutes a resident and day"],
  comparison_head: ["Scenariene side om side", "The scenarios side by side"],
  comparison_note: ["Første fil er grunnlaget. Forskjellene er parvise: samme innbyggere og samme tilfeldige trekk i alle scenarier.",
    "The first file is the base. Differences are paired: the same residents and the same random draws in every scenario."],
  indicators_head: ["Alle tall", "All figures"],
  comparison_verdicts: ["Biltrafikken i sentrum mot i dag", "Car traffic in the centre against today"],
  comparison_warnings: ["Merk ved sammenligningen", "Note when comparing"],
  compared_base: ["{base} er grunnlaget.", "{base} is the base."],
  pairs: ["par", "pairs"], shown: ["vist?", "shown?"], lower: ["lavere", "lower"], higher: ["høyere", "higher"], equal: ["lik", "equal"],
  interval_text: ["{low} til {high}", "{low} to {high}"],
  difference_pct: ["forskjell, %", "difference, %"], t_interval: ["Students t", "Student's t"], interval_at: ["{level} % intervall", "{level} % interval"],
  probability_below: ["P(≤ 0)", "P(≤ 0)"], shown_not_shown: ["ikke vist", "not shown"], no_pairs: ["kan ikke sammenlignes", "cannot be compared"],
  indicator: ["Indikator", "Indicator"], unit: ["Enhet", "Unit"], difference: ["forskjell", "difference"], interval: ["intervall", "interval"],
  all_years: ["Alle indikatorer, middel over simuleringene", "All indicators, mean over the simulations"],
  assumptions_head: ["Forutsetninger og usikkerhet", "Assumptions and uncertainty"],
  assume_1: ["Intervallet gjelder modellens tilfeldige trekk, ikke om parameterne er riktige. Usikre parametere kommer i tillegg.",
    "The interval speaks of the model's random draws only, not of whether its parameters are right. Uncertain parameters come on top."],
  assume_2: ["Kartet er gatenettet slik scenariets tabeller har det. Det medfølgende nettet for Vestby er tegnet for hånd: skjematisk, ikke oppmålt.",
    "The map is the street network as the scenario's tables have it. The one that comes with Vestby is drawn by hand: schematic, not surveyed."],
  assume_3: ["Tall uten kilde er merket som antakelse i scenariofilen, som står i sin helhet nederst.",
    "Figures without a source are marked as assumptions in the scenario file, which stands in full below."],
  assume_4: ["En hverdag utenom ferier er simulert; helger, ferier og vær er ikke med.", "A weekday outside holidays is simulated; weekends, holidays and weather are not."],
  programme: ["Nye boliger", "New homes"], measures: ["Tiltak", "Measures"], place: ["Sted", "Place"], homes: ["Boliger", "Homes"],
  from: ["Fra", "From"], to: ["Til", "To"], source: ["Kilde", "Source"], kind: ["Tiltak", "Measure"], start: ["Fra år", "From year"],
  value: ["Verdi", "Value"], targets: ["Hvor", "Where"], no_measures: ["Ingen tiltak utover dagens.", "No measures beyond today's."],
  no_programme: ["Ingen nye boliger.", "No new homes."], full_scenario: ["Hele scenariofilen", "The whole scenario file"],
  foot: ["Laget med Vestsim {program} ({commit}). Inneholder Leaflet (BSD-2) og Chart.js (MIT).", "Made with Vestsim {program} ({commit}). Contains Leaflet (BSD-2) and Chart.js (MIT)."],
  car_driver: ["bilfører", "car driver"], car_passenger: ["bilpassasjer", "car passenger"], pt: ["kollektivt", "public transport"],
  cycle: ["sykkel", "cycle"], walk: ["gange", "walk"],
  work: ["arbeid", "work"], school: ["skole", "school"], shop: ["innkjøp og service", "shopping and service"], leisure: ["fritid og besøk", "leisure and visits"],
  escort: ["følge barn", "escorting"], business: ["tjeneste", "business"],
  kind_parking_price: ["parkeringsavgift, kr", "parking price, NOK"], kind_cordon_price: ["bompenger, kr", "cordon price, NOK"],
  kind_fuel_factor: ["kjørekostnad, faktor", "cost of driving, factor"], kind_fare_factor: ["billettpris, faktor", "fares, factor"],
  kind_home_office: ["hjemmekontor, andel", "home office, share"], kind_cycle_facility: ["sykkelanlegg", "cycle facility"],
  kind_speed_limit: ["fartsgrense, km/t", "speed limit, km/h"], kind_close_link: ["stengt gate", "closed street"], kind_transit: ["rutetilbud", "timetable"],
  kind_parking_places: ["parkeringsplasser, faktor", "parking places, factor"], kind_parking_norm: ["parkeringsnorm, biler per bolig", "parking norm, cars a dwelling"],
  kind_ev_share: ["andel elbiler", "share of electric cars"], kind_season: ["sykkelsesong, faktor", "cycling season, factor"],
  kind_background_growth: ["annen trafikkvekst, % per år", "other traffic growth, % a year"], kind_open_link: ["ny gate eller vei", "new street or path"],
  kind_junction: ["kryss", "junction"], kind_bus_lane: ["kollektivfelt, felt tatt", "bus lane, lanes taken"], kind_frequency: ["avganger, faktor", "departures, factor"],
  kind_jobs: ["nye arbeidsplasser", "new jobs"], kind_shops: ["nytt butikkareal, m²", "new shop floor, m²"],
  kind_freight_rail: ["gods til bane, andel", "freight to rail, share"], kind_holiday_homes: ["hytter som blir boliger, andel", "holiday homes that become homes, share"],
  signal: ["lyskryss", "signal"], roundabout: ["rundkjøring", "roundabout"], "yield": ["vikeplikt", "yield"],
  path_along: ["sykkelvei langs vei", "path along the road"], path_own: ["egen sykkelvei", "path of its own"], lane: ["sykkelfelt", "cycle lane"],
  mixed_slow: ["blandet trafikk, lav fart", "mixed, slow"], mixed_fast: ["blandet trafikk, høy fart", "mixed, fast"],
  rural: ["spredt bebyggelse", "rural"],
  built_by: ["bygd innen {year}", "built by {year}"], missing: ["mangler", "missing"]
};
let language = document.documentElement.lang === "en" ? 1 : 0;
function t(key, values) {
  const both = Object.prototype.hasOwnProperty.call(TEXT, key) ? TEXT[key] : null;
  const text = both === null ? key : both[language];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values !== undefined && name in values ? String(values[name]) : whole);
}
function number(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value.toLocaleString(language === 0 ? "nb-NO" : "en-GB", {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
}
// Decimals that leave four or more figures, as `vestsim compare` prints them.
function figuresFor(like) {
  const size = Math.abs(like);
  if (size === 0) return 0;
  return size >= 10000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
}
function signed(value, decimals) {
  if (value === null || !Number.isFinite(value)) return "–";
  return (value > 0 ? "+" : "") + number(value, decimals);
}
