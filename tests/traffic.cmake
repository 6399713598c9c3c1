# tests of traffic
