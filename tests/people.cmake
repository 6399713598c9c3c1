# tests of people
