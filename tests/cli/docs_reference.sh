#!/bin/bash
# Manual pages and completion, written from the table of commands: complete, without a warning of groff, and working in bash.
. "$(dirname "$0")/lib.sh"

commands=$("$VESTSIM" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p')
[ "$(echo "$commands" | wc -w)" -ge 10 ] || fail "the commands were not found in --help: $commands"
mkdir man
expect 0 help --man man
for command in $commands; do
    page=man/vestsim-$command.1
    [ -s "$page" ] || fail "no manual page of $command"
    for option in $("$VESTSIM" "$command" --help | sed -n 's/^  *\(-[a-z], \)\?\(--[a-z-]\+\).*/\2/p'); do
        grep -q -F -- "$(echo "$option" | sed 's/-/\\-/g')" "$page" || fail "$page lacks $option"
    done
    grep -q -F "vestsim\-$command" man/vestsim.1 || fail "vestsim(1) does not name $command"
done
[ "$(find man -name '*.1' | wc -l)" -eq $(($(echo "$commands" | wc -w) + 1)) ] || fail "other pages than commands"
if command -v groff >/dev/null; then
    for page in man/*.1; do
        groff -man -Kutf8 -Tutf8 -P-cbou -ww "$page" >text 2>complaints || fail "groff refuses $page"
        [ ! -s complaints ] || fail "groff about $page: $(head -3 complaints)"
        grep -q "EXIT STATUS" text || fail "$page: a section is missing"
    done
    groff -man -Kutf8 -Tascii -P-cbou man/vestsim-run.1 2>/dev/null | grep -q -- "--replications R" || fail "an option is not readable"
fi
if command -v mandoc >/dev/null; then
    mandoc -Tlint -W error man/*.1 >complaints || fail "mandoc: $(head -3 complaints)"
fi
expect_error 2 "the folder must exist" help --man no/such
expect_error 1 "needs a folder" help --man
expect_error 1 "unknown" help --zsh

# Completion as bash does it.
expect 0 help --bash
cp out completion
bash -n completion || fail "the completion is no bash"
mkdir data && touch data/a.h5 data/b.txt "with blank.h5" other.yaml
# shellcheck disable=SC1091
. ./completion
complete -p vestsim >/dev/null || fail "nothing was registered"
completes() {  # WANTED (sorted, one line) WORDS...
    local wanted=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _vestsim
    got=$(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd, -)
    [ "$got" = "$wanted" ] || fail "completing '$*' gives '$got', not '$wanted'"
}
completes "run" vestsim ru
completes "report" vestsim rep
completes "--lang" vestsim report --la
completes "en,nb" vestsim report a.h5 --lang ""
completes "nb" vestsim report a.h5 --lang n
completes "nb" vestsim report a.h5 --lang = n
completes "csv,json,text" vestsim compare --format ""
completes "--replications" vestsim run --rep
completes "other.yaml" vestsim run o
COMP_WORDS=(vestsim show "") COMP_CWORD=2
_vestsim
printf '%s\n' "${COMPREPLY[@]}" | grep -q -x "with blank.h5" || fail "a file with a blank in its name is lost"
printf '%s\n' "${COMPREPLY[@]}" | grep -q -x "other.yaml" && fail "show offers a scenario"
completes "data/a.h5" vestsim show data/
completes "car,choice,cycle,transit,walk" vestsim query ""
completes "matsim" vestsim import m
completes "show" vestsim help sh
for command in $commands; do
    completes "$command" vestsim "$command"
done
