#!/bin/bash
# How source files must not look.
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh

sources_of_all() { tracked | grep '\.[ch]$'; }

files=$(sources_of_all | while read -r f; do [ -f "$f" ] && echo "$f"; done)

# Code without its comments and texts, every line at its place.
# shellcheck disable=SC2016
strip='
function strip(line,    out, c, d) {
	out = ""
	while (line != "") {
		c = substr(line, 1, 1); d = substr(line, 1, 2)
		if (inside) {
			if (d == "*/") { inside = 0; line = substr(line, 3) } else line = substr(line, 2)
		} else if (d == "/*") { inside = 1; line = substr(line, 3) }
		else if (c == "\"" || c == "\047") {
			line = substr(line, 2)
			while (line != "" && substr(line, 1, 1) != c)
				line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
			line = substr(line, 2); out = out c c
		} else { out = out c; line = substr(line, 2) }
	}
	return out
}
FNR == 1 { inside = 0 }
{ code = strip($0) }'

# shellcheck disable=SC2086
nothing() { # NAME FOUND
	if [ -z "$2" ]; then pass "$1"; else fail "$1" "$2"; fi
}

# shellcheck disable=SC2086
nothing 'source: no // comments' \
	"$(awk "$strip"' code ~ /\/\// { print FILENAME ":" FNR ": " $0 }' $files)"
# shellcheck disable=SC2086
nothing 'source: no banned function' \
	"$(awk "$strip"' code ~ /(^|[^A-Za-z0-9_])(strcpy|strcat|strncpy|sprintf|vsprintf|gets|strtok|strtok_r|setjmp|longjmp|alloca|sscanf|scanf|atoi|atol|system|popen) *\(/ { print FILENAME ":" FNR ": " $0 }' $files |
		grep -v '^tests/')"
# shellcheck disable=SC2086
nothing 'source: no blank at the end of a line' "$(grep -n '[[:blank:]]$' $files)"
# shellcheck disable=SC2086
nothing 'source: every header has its guard' "$(for f in $files; do
	case $f in *.h) grep -q '^#ifndef TENSTEP_' "$f" || echo "$f" ;; esac
done)"
# shellcheck disable=SC2086
nothing 'source: no known gap without its decision' "$(grep -nE '\b(TODO|HACK)\b' $files)"
nothing 'source: the top of the repository' "$(tracked | sed 's,/.*,,' | sort -u |
	grep -vxE 'CMakeLists.txt|CMakePresets.json|README.md|LICENSE|bot|intents|flows|adapters|tests|\..*')"
finish
