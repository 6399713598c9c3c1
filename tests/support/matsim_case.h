// A tiny MATSim scenario as texts: a square of one-way roads with a railway, and the same three plans in the three
// formats. Tests write them to a temporary folder and spoil them.
#ifndef VESTSIM_TESTS_MATSIM_CASE_H
#define VESTSIM_TESTS_MATSIM_CASE_H

// n1 -a-> n2 -b-> n3 -c-> n4 -d-> n1, two lanes on b, and b2 beside b for bicycles.
#define MATSIM_CASE_NODES                                                                  \
    "<nodes>\n<node id=\"n1\" x=\"-100.5\" y=\"0\"/>\n<node id=\"n2\" x=\"0\" y=\"0\"/>\n" \
    "<node id=\"n3\" x=\"0\" y=\"1000\" z=\"12\"/>\n<node id=\"n4\" x=\"1e3\" y=\"1000\"/>\n</nodes>\n"

static const char matsim_case_network[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<!DOCTYPE network SYSTEM \"http://www.matsim.org/files/dtd/network_v2.dtd\">\n"
    "<network name=\"square\">\n"
    "<attributes><attribute name=\"x\" class=\"java.lang.String\">link</attribute></attributes>\n" MATSIM_CASE_NODES
    "<links capperiod=\"00:30:00\" effectivecellsize=\"6.5\" effectivelanewidth=\"3.75\">\n"
    "<link id=\"a\" from=\"n1\" to=\"n2\" length=\"100\" freespeed=\"10\" capacity=\"900\" permlanes=\"1\" "
    "oneway=\"1\" modes=\"car,bike\" type=\"primary\"><attributes/></link>\n"
    "<link id=\"b2\" from=\"n2\" to=\"n3\" length=\"1000\" freespeed=\"5\" capacity=\"900\" permlanes=\"1\" "
    "modes=\"bike\"/>\n"
    "<link id=\"b\" from=\"n2\" to=\"n3\" length=\"1000\" freespeed=\"20\" capacity=\"1800\" permlanes=\"2.0\" "
    "modes=\"car\"/>\n"
    "<link id=\"c\" from=\"n3\" to=\"n4\" length=\"500\" freespeed=\"10\" capacity=\"900\"/>\n"
    "<link id=\"d\" from=\"n4\" to=\"n1\" length=\"500\" freespeed=\"10\" capacity=\"900\" modes=\"car,truck\"/>\n"
    "<link id=\"t\" from=\"n1\" to=\"n4\" length=\"900\" freespeed=\"30\" capacity=\"900\" modes=\"train\"/>\n"
    "</links>\n</network>\n";

// p1 drives a-(b c)-c, stays ten minutes, walks; p2's second plan is the selected one; p3 stays at home.
static const char matsim_case_v4[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE plans SYSTEM \"http://www.matsim.org/files/dtd/plans_v4.dtd\">\n"
    "<plans>\n<person id=\"p1\" age=\"30\">\n<plan>\n"
    "<act type=\"home\" x=\"0\" y=\"0\" link=\"a\" end_time=\"07:00\"/>\n"
    "<leg mode=\"car\" num=\"0\"><route> n2 n3 </route></leg>\n"
    "<act type=\"work\" link=\"c\" dur=\"00:10:00\"/>\n"
    "<leg mode=\"walk\" trav_time=\"00:02:30\"/>\n<act type=\"home\" link=\"a\"/>\n</plan>\n</person>\n"
    "<person id=\"p2\">\n<plan selected=\"no\"><act type=\"x\" link=\"a\" end_time=\"06:00\"/><leg mode=\"car\"/>"
    "<act type=\"y\" link=\"b\"/></plan>\n<plan selected=\"yes\">\n<act type=\"home\" link=\"c\" "
    "end_time=\"25:00:01\"/>\n"
    "<leg mode=\"truck\"><route>n4</route></leg>\n<act type=\"home\" link=\"d\"/>\n</plan>\n</person>\n"
    "<person id=\"p3\"/>\n</plans>\n";

static const char matsim_case_v5[] =
    "<population>\n<person id=\"p1\">\n<plan>\n"
    "<act type=\"home\" x=\"0\" y=\"0\" link=\"a\" end_time=\"07:00:00\"/>\n"
    "<leg mode=\"car\"><route type=\"links\" start_link=\"a\" end_link=\"c\">a b c</route></leg>\n"
    "<act type=\"work\" link=\"c\" max_dur=\"00:10:00\"/>\n"
    "<leg mode=\"walk\"><route type=\"generic\" trav_time=\"00:02:30\"/></leg>\n<act type=\"home\" link=\"a\"/>\n"
    "</plan>\n</person>\n<person id=\"p2\">\n<plan selected=\"yes\">\n<act type=\"home\" link=\"c\" "
    "end_time=\"25:00:01\"/>\n<leg mode=\"truck\"><route>c d</route></leg>\n<act type=\"home\" link=\"d\"/>\n</plan>\n"
    "</person>\n<person id=\"p3\"/>\n</population>\n";

static const char matsim_case_v6[] =
    "<population>\n<attributes><attribute name=\"coordinateReferenceSystem\" class=\"java.lang.String\">Atlantis"
    "</attribute></attributes>\n<person id=\"p1\">\n<attributes><attribute name=\"age\" "
    "class=\"java.lang.Integer\">30</attribute></attributes>\n<plan score=\"1\" selected=\"yes\">\n"
    "<activity type=\"home\" x=\"0\" y=\"0\" link=\"a\" end_time=\"25200\"/>\n"
    "<leg mode=\"car\" trav_time=\"undefined\"><attributes><attribute name=\"routingMode\" "
    "class=\"java.lang.String\">car</attribute></attributes>\n"
    "<route type=\"links\" start_link=\"a\" end_link=\"c\" trav_time=\"undefined\" distance=\"NaN\" "
    "vehicleRefId=\"null\">a b\n c</route></leg>\n<activity type=\"work\" link=\"c\" max_dur=\"00:10:00\"/>\n"
    "<leg mode=\"walk\" trav_time=\"00:02:30\"/>\n<activity type=\"home\" link=\"a\"/>\n</plan>\n<plan selected=\"no\">"
    "<activity type=\"home\"/></plan>\n</person>\n<person id=\"p2\">\n<plan selected=\"yes\">\n<activity type=\"home\" "
    "link=\"c\" end_time=\"25:00:01\"/>\n<leg mode=\"truck\"><route type=\"links\" start_link=\"c\" end_link=\"d\">c d"
    "</route></leg>\n<activity type=\"home\" link=\"d\"/>\n</plan>\n</person>\n<person id=\"p3\"/>\n</population>\n";

// A bus drives a b c d and calls on a, c and d; another line has no route. Two vehicles for three departures.
static const char matsim_case_schedule[] =
    "<?xml version=\"1.0\"?>\n"
    "<!DOCTYPE transitSchedule SYSTEM \"http://www.matsim.org/files/dtd/transitSchedule_v2.dtd\">\n"
    "<transitSchedule>\n<transitStops>\n"
    "<stopFacility id=\"s1\" x=\"0\" y=\"0\" linkRefId=\"a\" name=\"First, stop\"/>\n"
    "<stopFacility id=\"s2\" x=\"500.5\" y=\"1000\" linkRefId=\"c\" name=\"Second\" stopAreaId=\"x\"/>\n"
    "<stopFacility id=\"s3\" x=\"1000\" y=\"500\" linkRefId=\"d\"/>\n</transitStops>\n"
    "<minimalTransferTimes><relation fromStop=\"s1\" toStop=\"s2\" transferTime=\"90.0\"/></minimalTransferTimes>\n"
    "<transitLine id=\"L1\" name=\"Line one\">\n<transitRoute id=\"r1\">\n"
    "<transportMode>bus</transportMode>\n<routeProfile>\n"
    "<stop refId=\"s1\" departureOffset=\"00:00:10\" awaitDeparture=\"true\"/>\n"
    "<stop refId=\"s2\" arrivalOffset=\"00:02:00\" departureOffset=\"00:03:00\" awaitDeparture=\"true\"/>\n"
    "<stop refId=\"s3\" arrivalOffset=\"00:05:00\" departureOffset=\"00:00:00\"/>\n</routeProfile>\n"
    "<route><link refId=\"a\"/><link refId=\"b\"/><link refId=\"c\"/>\n<link refId=\"d\"/></route>\n"
    "<departures>\n<departure id=\"d1\" departureTime=\"07:00:00\" vehicleRefId=\"bus1\"/>\n"
    "<departure id=\"d2\" departureTime=\"07:10:00\" vehicleRefId=\"bus2\"/>\n"
    "<departure id=\"d3\" departureTime=\"07:12:00\" vehicleRefId=\"bus1\"/>\n</departures>\n"
    "</transitRoute>\n</transitLine>\n<transitLine id=\"L2\"/>\n</transitSchedule>\n";

static const char matsim_case_vehicles[] =
    "<vehicleDefinitions xmlns=\"http://www.matsim.org/files/dtd\">\n"
    "<vehicleType id=\"small\">\n<capacity><seats persons=\"1\"/><standingRoom persons=\"1\"/></capacity>\n"
    "<length meter=\"12\"/><accessTime secondsPerPerson=\"2.5\"/>\n<egressTime secondsPerPerson=\"1.5\"/>\n"
    "<doorOperation mode=\"serial\"/><passengerCarEquivalents pce=\"2.5\"/>\n</vehicleType>\n"
    "<vehicle id=\"bus1\" type=\"small\"/>\n<vehicle id=\"bus2\" type=\"small\"/>\n</vehicleDefinitions>\n";

// Three persons who want the first bus, in the two forms of a route by public transport.
static const char matsim_case_riders[] =
    "<plans>\n<person id=\"q1\"><plan><act type=\"h\" link=\"a\" end_time=\"06:59:00\"/>\n"
    "<leg mode=\"pt\" trav_time=\"00:07\"><route>\n PT1===s1===L1===r1===s2 \n</route></leg>\n"
    "<act type=\"w\" link=\"c\" dur=\"00:01\"/>\n<leg mode=\"walk\" trav_time=\"00:01\"/><act "
    "type=\"h\"/></plan></person>\n"
    "<person id=\"q2\"><plan><act type=\"h\" link=\"a\" end_time=\"06:59:10\"/>\n"
    "<leg mode=\"pt\"><route type=\"default_pt\" trav_time=\"00:07:00\">{\"transitRouteId\":\"r1\",\"boardingTime\":"
    "\"07:00:10\",\"transitLineId\" : "
    "\"L\\u0031\",\"accessFacilityId\":\"s1\",\"egressFacilityId\":\"s3\"}</route></leg>\n"
    "<act type=\"w\" link=\"d\"/></plan></person>\n"
    "<person id=\"q3\"><plan><act type=\"h\" link=\"a\" end_time=\"06:59:20\"/>\n"
    "<leg mode=\"pt\"><route>PT1===s1===L1===r1===s3</route></leg>\n"
    "<act type=\"w\" link=\"d\"/></plan></person>\n</plans>\n";

#endif
