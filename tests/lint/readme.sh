#!/bin/bash
# What our pages say is true.  README's examples: in a ```console block behind <!-- run --> each line
# "$ command" is run, and what follows must be what it prints, where … stands for anything.  And of all
# pages: links, paths, commands, programs and variables that they name are there.
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

# --- what is named is there ---

tops='bot|adapters|intents|flows|tests'
pages=$(tracked | grep '\.md$')
headers=$(tracked | grep '\.h$')

nothing() { # NAME FOUND
	if [ -z "$2" ]; then pass "$1"; else fail "$1" "$2"; fi
}

dead_links() { # of one page, from its own folder
	local link folder
	folder=$(dirname "$1")
	grep -oE '\]\([^)]+\)' "$1" | sed 's/^](//; s/)$//' | while IFS= read -r link; do
		case $link in http:* | https:* | mailto:* | '#'*) continue ;; esac
		[ -e "$folder/${link%%#*}" ] || echo "$1: $link"
	done
}

# A path from the top, with * and {a,b} as in a shell; one with a word in capitals only stands for many.
dead_paths() { # of these files
	local place path one
	grep -HnoE "(^|[^A-Za-z0-9_./-])($tops)/[][A-Za-z0-9_./*{},-]+" "$@" |
		sed -E "s,^([^:]+:[0-9]+):.?(($tops)/.*),\1 \2,; s/[]\[].*//; s/[.,]+$//" |
		awk '$2 !~ /(^|[\/_.])(CODE|FLOW|ID|NAME|X)([\/_.]|$)/' |
		while read -r place path; do
			case $path in
			*[*{]*) for one in $(eval "printf '%s\n' $path" 2>/dev/null); do [ -e "$one" ] || echo "$place: $one"; done ;;
			*) [ -e "$path" ] || echo "$place: $path" ;;
			esac
		done
}

named() { # PATTERN PREFIX: the words of all pages behind a prefix, each once
	# shellcheck disable=SC2086
	grep -ohE "$1" $pages | sed "s,^$2,," | sort -u
}

nothing 'pages: every link leads somewhere' "$(for f in $pages; do dead_links "$f"; done)"
nothing 'pages and headers: every path is there' "$(dead_paths $pages $headers)"
commands=$(tenstep help 2>&1 | sed -nE 's/^  ([a-z]+)  .*/\1/p'; echo help)
nothing 'pages: every command is one' "$(named '`tenstep [a-z]+' '`tenstep ' | grep -vxF "$commands")"
nothing 'pages: every program of the tests is built' "$(named 'build/(dev|bench)/tests/[a-z_]+' '.*/' |
	while IFS= read -r program; do
		[ -n "$(tracked | grep "^tests/.*/$program\.c\$")" ] || echo "$program"
	done)"
nothing 'pages: every variable is read somewhere' "$(named 'TENSTEP_[A-Z]+(_[A-Z]+)*' '' | while IFS= read -r name; do
	tracked | grep -vE '\.(md|h)$' | xargs grep -qwF "$name" || echo "$name"
done)"
finish
