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

#endif
