#!/bin/bash
# A chat that is killed at any moment is taken up again as if nothing had happened.
cd "$(dirname "$0")/../.." || exit 2
[ -z "${1:-}" ] || PATH=$1:$PATH
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
unset TENSTEP_DATA TENSTEP_CONTENT

said=('pls cacel my order' 'the dress' 'how long does a refund take?' 'I changed my mind' 'no, the other order'
	'yes' 'where is my refund?' '{"after":"1d"}' 'thanks')

# start FOLDER: the program in the background; lines go to descriptor 7, answers come from 8.
start() {
	rm -f "$scratch/in" "$scratch/out"
	mkfifo "$scratch/in" "$scratch/out"
	tenstep chat --json --data "$1" --buyer buyer-open --seed 7 --now '2025-03-01 10:00' \
		<"$scratch/in" >"$scratch/out" 2>"$scratch/err" &
	pid=$!
	exec 7>"$scratch/in" 8<"$scratch/out"
}
stop() { # by force
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	exec 7>&- 8<&-
}

# One run without a kill is what all others are compared with.
whole=()
start "$scratch/whole"
for line in "${said[@]}"; do
	printf '%s\n' "$line" >&7
	read -r answer <&8
	whole+=("$answer")
done
stop
case ${whole[5]} in
*'"op":"orders.cancel","args":{"order":"A-1002"'*'"outcome":"ok"'*) pass 'the conversation cancels what it should' ;;
*) fail 'the conversation cancels what it should' "${whole[5]}" ;;
esac

# Killed after every answer.
start "$scratch/each"
wrong=
for i in "${!said[@]}"; do
	printf '%s\n' "${said[$i]}" >&7
	read -r answer <&8
	[ "$answer" = "${whole[$i]}" ] || wrong="$wrong
turn $i wanted ${whole[$i]}
turn $i got    $answer"
	stop
	start "$scratch/each"
done
stop
if [ -z "$wrong" ]; then pass 'killed after every answer: not a byte differs'; else fail 'killed after every answer: not a byte differs' "$wrong"; fi

# Killed while it works on the "yes": later and later, until the answer comes first.  Whatever moment it
# was, the buyer who says yes again (or asks) ends with one cancelled order and is told no nonsense.
try() { # FOLDER DELAY
	local line answer
	start "$1"
	for line in "${said[@]:0:5}"; do
		printf '%s\n' "$line" >&7
		read -r answer <&8
	done
	printf 'yes\n' >&7
	sleep "$2"
	stop
	start "$1"
	printf 'yes\n' >&7
	read -r again <&8
	printf 'show my orders\n' >&7
	read -r orders <&8
	stop
}
wrong=
for delay in 0 0.0005 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.01 0.015 0.02 0.03 0.05; do
	try "$scratch/yes-$delay" "$delay"
	case $orders in
	*'A-1002'*'cancelled'*) ;;
	*) wrong="$wrong
after $delay s the order is not cancelled: $again $orders" ;;
	esac
	case $again in
	*'can no longer be cancelled'* | *'"error"'*) wrong="$wrong
after $delay s: $again" ;;
	esac
done
if [ -z "$wrong" ]; then pass 'killed during the yes: cancelled once'; else fail 'killed during the yes: cancelled once' "$wrong"; fi

# A message that was being read when the kill came may be sent again.
start "$scratch/first"
printf 'cancel my' >&7
stop
start "$scratch/first"
printf '%s\n' "${said[0]}" >&7
read -r answer <&8
stop
is 'killed in the middle of a line' "${whole[0]}" "$answer"
finish
