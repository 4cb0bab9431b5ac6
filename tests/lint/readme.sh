#!/bin/bash
# README's examples are true: in a ```console block behind <!-- run --> each line "$ command" is run, and
# what follows must be what it prints, where … stands for anything.
bin=${1:?the build folder}
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export PATH="$bin:$PATH" TENSTEP_DATA=$scratch/data

run_example() { # COMMAND WANTED LINE
	local command=${1//.\/bot\/run /tenstep } got
	got=$(timeout 60 bash -c "$command" 2>&1 </dev/null)
	is "README.md:$3: $1" "$2" "$got"
}

ready=no inside=no n=0 command= wanted= at=0
finish_example() {
	[ -z "$command" ] || run_example "$command" "${wanted%$'\n'}" "$at"
	command= wanted=
}
while IFS= read -r line; do
	n=$((n + 1))
	case $inside:$line in
	no:'<!-- run -->') ready=yes ;;
	no:'```console') [ $ready = yes ] && inside=yes ;;
	no:'') ;;
	no:*) ready=no ;;
	yes:'```')
		finish_example
		inside=no ready=no
		;;
	yes:'$ '*)
		finish_example
		command=${line#'$ '} at=$n
		;;
	yes:*) wanted=$wanted$line$'\n' ;;
	esac
done <README.md
finish
