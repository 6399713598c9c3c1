# Shared by the scripts beside it. Environment: VESTSIM = the program, VESTSIM_SOURCE_DIR = the root of the sources.
# Each script runs in a fresh folder that is removed at the end; a failed check prints what was expected and ends it.
set -u
export LC_ALL=C.UTF-8  # not the language of who runs the tests
: "${VESTSIM:?the program}" "${VESTSIM_SOURCE_DIR:?the root of the sources}"
toy=$VESTSIM_SOURCE_DIR/scenarios/toy/toy.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# Short runs: one replication of a fifth of the people, few iterations, always converged.
short=(--replications 1 --set scale=0.2 --set convergence.iterations_max=4 --set convergence.gap_max_pct=100
    --set convergence.share_change_max_point=100)

fail() {
    echo "FAILED: $*" >&2
    echo "--- standard output"; head -c 2000 "$work/out" 2>/dev/null
    echo "--- standard error"; head -c 2000 "$work/err" 2>/dev/null
    exit 1
}

# expect STATUS ARGUMENTS...: runs the program, output in $work/out and $work/err.
expect() {
    local wanted=$1 got
    shift
    "$VESTSIM" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ "$got" -eq "$wanted" ] || fail "vestsim $*: exit status $got, expected $wanted"
}

# An error: exact status, nothing on standard output, one message line that contains the words.
expect_error() {
    local wanted=$1 words=$2
    shift 2
    expect "$wanted" "$@"
    [ ! -s "$work/out" ] || fail "vestsim $*: an error must leave standard output empty"
    [ "$(grep -c '^vestsim: error: ' "$work/err")" -eq 1 ] || fail "vestsim $*: expected one 'vestsim: error:' line"
    grep -q -F -- "$words" "$work/err" || fail "vestsim $*: the message lacks '$words'"
}

says() {
    grep -q -F -- "$2" "$work/$1" || fail "standard $1 lacks '$2'"
}

python_or_skip() {
    command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
}
