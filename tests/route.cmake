# tests of route
