# Debian and Ubuntu packages, sourced by demo.sh and test.sh: need_packages NAME... installs what is missing and says so.

PACKAGES_BUILD="gcc libc6-dev cmake ninja-build pkg-config libhdf5-dev libfyaml-dev libproj-dev proj-data libzip-dev
    libmetis-dev libexpat1-dev zlib1g-dev libjs-leaflet libjs-chart.js"
PACKAGES_TEST="clang clang-format-14 libomp-14-dev libclang-rt-14-dev llvm-14 libcmocka-dev python3 python3-h5py
    python3-xarray python3-h5netcdf python3-netcdf4 python3-pandas python3-matplotlib python3-pytest
    hdf5-tools proj-bin zip chromium chromium-driver python3-selenium
    libgdal-dev gdal-bin"

need_packages() {
    local missing="" name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q "install ok installed" || missing="$missing $name"
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "Missing:$missing. This script installs Debian or Ubuntu packages; install the like of these by hand." >&2
        return 1
    fi
    local as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "Missing:$missing. Run as root: apt-get install$missing" >&2; return 1; }
        as_root="sudo"
    fi
    echo "Installing these packages:$missing" >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || return 1
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
        echo "Could not install:$missing" >&2
        return 1
    }
}

# build_preset NAME: configures and builds one of CMakePresets.json; the log is shown only when it fails.
build_preset() {
    local log
    log=$(mktemp)
    if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "The build '$1' failed." >&2
        return 1
    fi
    if grep -q "warning:" "$log"; then
        grep -A5 "warning:" "$log" >&2
    fi
    rm -f "$log"
}
