"""Opens every group of results files with both netCDF engines of xarray and reads every value.

Usage: xarray_groups.py FILE...; exit 77 (skipped) when the modules are missing.
"""
import sys

try:
    import h5py
    import h5netcdf  # noqa: F401
    import netCDF4  # noqa: F401
    import numpy
    import xarray
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ENGINES = ("netcdf4", "h5netcdf")


def groups_of(path):
    found = ["/"]
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.append("/" + name) if isinstance(item, h5py.Group) else None)
    return found


def same(one, two):
    if one.dtype.kind in "fc":
        return numpy.array_equal(one, two, equal_nan=True)
    return numpy.array_equal(one, two)


def check_group(path, group, datasets):
    first, second = (d.load() for d in datasets)
    for name, variable in first.variables.items():
        assert name in second.variables, f"{group}/{name}: only one engine sees it"
        assert variable.dims == second[name].dims, f"{group}/{name}: dims {variable.dims} {second[name].dims}"
        assert not any(d.startswith("phony") for d in variable.dims), f"{group}/{name}: an axis without a scale"
        for dimension in variable.dims:
            assert dimension in first.coords, f"{group}/{name}: {dimension} has no coordinates"
        assert variable.attrs.get("long_name"), f"{group}/{name}: no long_name"
        assert same(variable.values, second[name].values), f"{group}/{name}: engines read different values"
    assert set(first.variables) == set(second.variables), f"{group}: {set(first.variables) ^ set(second.variables)}"
    if "time" in first.coords:
        assert first["time"].dtype.kind == "M", f"{group}: time is not decoded"
        assert str(first["time"].values[1])[11:19] == "00:05:00", first["time"].values[1]
    return len(first.variables)


def check_file(path):
    count = 0
    for group in groups_of(path):
        datasets = [xarray.open_dataset(path, engine=e, group=None if group == "/" else group) for e in ENGINES]
        try:
            count += check_group(path, group, datasets)
        finally:
            for dataset in datasets:
                dataset.close()
    trips = xarray.open_dataset(path, engine="h5netcdf", group="trips").to_dataframe()
    assert list(trips.index) == list(range(len(trips)))
    links = xarray.open_dataset(path, engine="netcdf4", group="network/links").to_dataframe()
    traffic = xarray.open_dataset(path, engine="netcdf4", group="traffic")
    assert list(links.index) == list(traffic["link"].values), "/traffic and /network/links disagree"
    traffic.close()
    with xarray.open_dataset(path) as root:
        assert root.attrs["Conventions"].startswith("CF-"), root.attrs
        assert "title:" in str(root["scenario_yaml"].values)
    print(f"{path}: {count} variables read by {' and '.join(ENGINES)}")


for argument in sys.argv[1:]:
    check_file(argument)
