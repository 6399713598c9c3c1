# tests of world
