#!/bin/bash
# A person at a terminal (a pseudo terminal of script(1)): prompt, choices, time that passes, leaving.
cd "$(dirname "$0")/../.." || exit 2
[ -z "${1:-}" ] || PATH=$1:$PATH
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
unset TENSTEP_DATA TENSTEP_CONTENT NO_COLOR CLICOLOR CLICOLOR_FORCE COLUMNS
export TERM=xterm

sit() { # FOLDER [OPTION...]: what is typed goes to descriptor 7, the screen is in $scratch/screen
	local folder=$1
	shift
	rm -f "$scratch/keys" "$scratch/screen"
	mkfifo "$scratch/keys"
	: >"$scratch/screen"
	script -qefc "echo \$\$ >'$scratch/pid'; exec tenstep chat --data '$folder' $*" "$scratch/screen" <"$scratch/keys" >/dev/null 2>&1 &
	pid=$!
	exec 7>"$scratch/keys"
	sees '> '
}
sees() { # TEXT: within five seconds
	local i
	for ((i = 0; i < 250; i++)); do
		grep -qF -- "$1" "$scratch/screen" && return 0
		sleep 0.02
	done
	return 1
}
types() { printf '%s\r' "$1" >&7; }
leave() { # how it ended
	wait "$pid"
	status=$?
	exec 7>&-
}

sit "$scratch/a" --buyer buyer-open --now 2025-03-01
holds 'a greeting and a prompt' sees 'Write as a buyer would'
types 'cancel my order'
holds 'choices have numbers' sees '2. A-1002'
holds 'there is colour' grep -q $'\033\\[36m' "$scratch/screen"
types ':after 14m59s'
sees 'UTC)'
printf 'half a wo' >&7
holds 'time passes while somebody types' sees 'No hurry'
kill -WINCH "$(cat "$scratch/pid")"
sleep 0.1
printf 'rd\r' >&7
holds 'what was typed by then is still there' sees 'half a word'
types '2'
holds 'a number picks' sees 'It is about order A-1002'
types ':hepl'
holds 'a mistyped word' sees "did you mean ':help'?"
types ':quit'
leave
is ':quit' 0 "$status"
is 'the history is private' '-rw-------' "$(stat -c %A "$scratch/a/history")"
holds 'the history remembers' grep -q 'cancel' "$scratch/a/history"

sit "$scratch/a" --buyer buyer-open
holds 'the conversation goes on' sees 'we were talking'
printf '\033[A\033[A\r' >&7
holds 'an earlier line comes back' sees ':hepl'
printf '\004' >&7
leave
is 'end of input' 0 "$status"

sit "$scratch/a" --buyer buyer-open --fresh
types 'hello'
sees 'I help with'
printf '\003' >&7
leave
is 'Ctrl-C' 130 "$status"

NO_COLOR=1 sit "$scratch/b"
types 'hello'
sees 'I help with'
if grep -q $'\033\\[3' "$scratch/screen"; then fail 'NO_COLOR' "$(cat "$scratch/screen")"; else pass 'NO_COLOR'; fi
types ':quit'
leave
finish
