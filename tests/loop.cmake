# tests of loop
