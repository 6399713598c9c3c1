"""Opens every group of results files with both netCDF engines of xarray, with pandas and with h5dump, and reads every value;
looks at units, long_name and dimension scales of every dataset.

Usage: xarray_groups.py FILE...; exit 77 (skipped) when the modules are missing.
"""
import shutil
import subprocess
import sys

try:
    import h5py
    import h5netcdf  # noqa: F401
    import netCDF4  # noqa: F401
    import numpy
    import pandas
    import xarray
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ENGINES = ("netcdf4", "h5netcdf")
# Units that CF's readers (UDUNITS) know, and the krone, which they do not: it is money.
UNITS = {"1", "m", "km", "s", "min", "h", "t", "percent", "degrees_east", "degrees_north", "m s-1", "km h-1", "h-1", "NOK"}


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


def check_dataset(dataset):
    """What every dataset must say of itself, seen without xarray."""
    name = dataset.name
    assert dataset.attrs.get("long_name"), f"{name}: no long_name"
    if h5py.check_string_dtype(dataset.dtype) is None:
        unit = dataset.attrs.get("units")
        assert unit in UNITS or str(unit).startswith("seconds since "), f"{name}: units {unit!r}"
    else:
        assert h5py.check_string_dtype(dataset.dtype).length is None, f"{name}: texts of fixed length crash netCDF 4.9.0"
    if h5py.h5ds.is_scale(dataset.id):
        assert dataset.ndim == 1, f"{name}: a scale of {dataset.ndim} dimensions"
        return
    for i, dimension in enumerate(dataset.dims):
        assert len(dimension) == 1, f"{name}: dimension {i} has {len(dimension)} scales"
        assert dimension[0].parent == dataset.parent, f"{name}: the scale of dimension {i} is in another group"
        assert len(dimension[0]) == dataset.shape[i], f"{name}: the scale of dimension {i} has another length"


def check_pandas(path, group):
    """The variables of a group as data frames, one for each set of dimensions, made by hand and by xarray."""
    with h5py.File(path, "r") as file, xarray.open_dataset(path, group=group) as dataset:
        columns = {}
        for name, item in file[group].items():
            if isinstance(item, h5py.Dataset) and item.ndim == 1:
                columns.setdefault(len(item), {})[name] = item.asstr()[:] if item.dtype.kind == "O" else item[:]
        for length, columns_of in columns.items():
            assert len(pandas.DataFrame(columns_of)) == length
        for dims in {v.dims for v in dataset.data_vars.values() if v.ndim in (1, 2)}:
            frame = dataset[[n for n, v in dataset.data_vars.items() if v.dims == dims]].to_dataframe()
            assert list(frame.index.names) == list(dims), f"{group}: {frame.index.names}"
            assert len(frame) == numpy.prod([dataset.sizes[d] for d in dims]), group


def check_h5dump(path, groups):
    dump = shutil.which("h5dump")
    if dump is None:
        print("skipped h5dump: not installed (hdf5-tools)")
        return
    for group in groups:
        run = subprocess.run([dump, "-H", "-g", group, path], capture_output=True, text=True)
        assert run.returncode == 0 and "error" not in run.stderr.lower(), f"h5dump {group}: {run.stderr[-300:]}"
        assert "DATASET" in run.stdout or "GROUP" in run.stdout, group


def check_file(path):
    count = 0
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: check_dataset(item) if isinstance(item, h5py.Dataset) else None)
    groups = groups_of(path)
    check_h5dump(path, groups)
    for group in groups[1:]:
        check_pandas(path, group)
    for group in groups:
        datasets = [xarray.open_dataset(path, engine=e, group=None if group == "/" else group) for e in ENGINES]
        try:
            count += check_group(path, group, datasets)
        finally:
            for dataset in datasets:
                dataset.close()
    trips = xarray.open_dataset(path, engine="h5netcdf", group="trips").to_dataframe()
    assert list(trips.index) == list(range(len(trips)))
    persons = xarray.open_dataset(path, engine="h5netcdf", group="persons").to_dataframe()
    homes = xarray.open_dataset(path, engine="h5netcdf", group="households").to_dataframe()
    joined = trips.merge(persons, on=["year", "person"], suffixes=("", "_of_person"))
    assert len(joined) == len(trips) > 0, "a trip of nobody"
    assert not persons.duplicated(["year", "person"]).any() and not homes.duplicated(["year", "household"]).any()
    living = persons[persons["segment"] == 0].groupby(["year", "household"]).size()
    assert (living == homes.set_index(["year", "household"])["size"].sort_index()).all(), "households of another size"
    links = xarray.open_dataset(path, engine="netcdf4", group="network/links").to_dataframe()
    traffic = xarray.open_dataset(path, engine="netcdf4", group="traffic")
    assert list(links.index) == list(traffic["link"].values), "/traffic and /network/links disagree"
    traffic.close()
    with xarray.open_dataset(path) as root:
        assert root.attrs["Conventions"].startswith("CF-"), root.attrs
        assert "title:" in str(root["scenario_yaml"].values)
    print(f"{path}: {count} variables in {len(groups)} groups read by {', '.join(ENGINES)}, pandas and h5dump")


for argument in sys.argv[1:]:
    check_file(argument)
