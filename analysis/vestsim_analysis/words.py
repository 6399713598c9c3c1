"""What the figures say, in Norwegian bokmål and English."""

WORDS = {
    "nb": {
        "verdict_title": "Biltrafikk i sentrum mot i dag",
        "verdict_y": "endring i kjørte bilkilometer mot {today} [%]",
        "year": "år",
        "today_level": "dagens nivå ({today})",
        "interval": "{confidence} % intervall",
        "holds": "taket holder", "exceeds": "taket sprekker", "not_shown": "ikke vist",
        "modes_title": "Slik reiser innbyggerne",
        "modes_y": "andel av turene [%]",
        "car_driver": "bilfører", "car_passenger": "bilpassasjer", "pt": "kollektivt", "cycle": "sykkel", "walk": "gange",
        "hours_title": "Kjøretøy gjennom døgnet ved tellepunktene",
        "hours_y": "begge retninger [kjøretøy/time]",
        "hour": "klokkeslett [time]",
        "counted": "talt {observed}, simulert {simulated} ({year}) i døgnet", "not_counted": "simulert {simulated} ({year}) i døgnet",
        "counted_mean": "talt, snitt av døgnet",
        "map_title": "Trafikk på vegene, {year}", "map_change": "Endring fra {today} til {year}",
        "map_x": "øst [km]", "map_y": "nord [km]",
        "vehicles_day": "trafikk [kjøretøy i døgnet]", "change_day": "endring [kjøretøy i døgnet]",
        "convergence_title": "Fra dag til dag mot likevekt",
        "iteration": "dag i simuleringen [nr.]", "gap_y": "det trafikantene kunne spart [% av det de betaler]",
        "threshold": "grense i scenariet",
        "spread_title": "Spredning mellom simuleringene",
        "spread_y": "endring i bilkilometer i sentrum mot {today} [%]",
        "one_replication": "én simulering", "mean": "snitt",
    },
    "en": {
        "verdict_title": "Car traffic in sentrum against today",
        "verdict_y": "change in car-km against {today} [%]",
        "year": "year",
        "today_level": "today's level ({today})",
        "interval": "{confidence} % interval",
        "holds": "ceiling holds", "exceeds": "ceiling exceeded", "not_shown": "not shown",
        "modes_title": "How residents travel",
        "modes_y": "share of trips [%]",
        "car_driver": "car driver", "car_passenger": "car passenger", "pt": "public transport", "cycle": "cycle", "walk": "walk",
        "hours_title": "Vehicles through the day at the counting points",
        "hours_y": "both directions [vehicles/h]",
        "hour": "time of day [h]",
        "counted": "counted {observed}, simulated {simulated} ({year}) a day", "not_counted": "simulated {simulated} ({year}) a day",
        "counted_mean": "counted, mean of the day",
        "map_title": "Traffic on the roads, {year}", "map_change": "Change from {today} to {year}",
        "map_x": "east [km]", "map_y": "north [km]",
        "vehicles_day": "traffic [vehicles a day]", "change_day": "change [vehicles a day]",
        "convergence_title": "Day by day towards equilibrium",
        "iteration": "simulated day [no.]", "gap_y": "what travellers could save [% of what they pay]",
        "threshold": "threshold of the scenario",
        "spread_title": "Spread between replications",
        "spread_y": "change in car-km in sentrum against {today} [%]",
        "one_replication": "one replication", "mean": "mean",
    },
}


def number(value, lang, decimals=0):
    """12 345 in Norwegian, 12,345 in English; with a true minus sign."""
    text = f"{value:,.{decimals}f}".replace("-", "\u2212")
    if lang == "nb":
        text = text.replace(",", "\u00a0").replace(".", ",")
    return text
