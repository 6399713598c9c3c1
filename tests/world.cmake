# tests of world
vestsim_test(unit network vestsim_world)
vestsim_test(unit transit vestsim_world)
vestsim_test(unit zone vestsim_world)
vestsim_test(unit population vestsim_world)
vestsim_test(unit plan vestsim_world)
vestsim_test(unit scenario vestsim_world)
vestsim_test(unit result vestsim_world)
vestsim_test(unit result_label vestsim_world)
