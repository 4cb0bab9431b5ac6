#!/bin/bash
# Buyers who say anything at any time: the examples of the intents and short answers in random order, with
# time passing in between.  Nothing crashes, every message is answered, no flow runs into a fault, and who is
# nobody sees no order.
cd "$(dirname "$0")/../.." || exit 2
[ -z "${1:-}" ] || PATH=$1:$PATH
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
unset TENSTEP_DATA TENSTEP_CONTENT

grep -rhoE '"[a-z][^"\\]{8,80}"' intents/packs/en | tr -d '"' | grep -v '[]*@{(|[]' | sort -u >"$scratch/said"

lines() { # SEED COUNT
	awk -v seed="$1" -v count="$2" -v said="$scratch/said" '
	BEGIN {
		srand(seed)
		while ((getline line <said) > 0)
			text[n++] = line
		m = split("yes|no|1|2|3|skip|stop|back|why|help|start over|the first one|no, the other one|A-1001|" \
			"A-1202|all|none of these|talk to a person|me@example.org|it was broken|5|repeat|thanks", word, "|")
		for (i = 0; i < count; i++) {
			r = rand()
			if (r < 0.35) print text[int(rand() * n)]
			else if (r < 0.88) print word[1 + int(rand() * m)]
			else if (r < 0.95) print "{\"after\":\"" int(rand() * 100) (rand() < 0.5 ? "m" : "h") "\"}"
			else if (r < 0.98) print "{\"attachment\":\"image\",\"reference\":\"r" i "\"}"
			else print "{\"agent\":\"hands back\"}"
		}
	}'
}

chat() { # BUYER: answers in $scratch/out
	tenstep chat --json --seed 1 --now '2025-03-01 10:00' ${1:+--buyer "$1"} <"$scratch/in" >"$scratch/out" 2>"$scratch/err"
	status=$?
}

for buyer in buyer-open buyer-transit buyer-refund buyer-mixed ''; do
	wrong=
	for seed in 1 2 3 4; do
		lines "$seed" 500 >"$scratch/in"
		chat "$buyer"
		[ $status = 0 ] && [ "$(wc -l <"$scratch/out")" = 500 ] || wrong="$wrong
seed $seed: status $status after $(wc -l <"$scratch/out") lines: $(head -c 1000 "$scratch/err")"
		faults=$(grep -n '"flow":"repair/error"' "$scratch/out" | cut -c1-300 | head -n 3)
		[ -z "$faults" ] || wrong="$wrong
seed $seed: a fault: $faults"
		silent=$(grep -n '"say":\[\]' "$scratch/out" | grep -v '"intent":null,"score":null' | cut -c1-300 | head -n 3)
		[ -z "$silent" ] || wrong="$wrong
seed $seed: no answer: $silent"
		[ -n "$buyer" ] || orders=$(grep -nE '"op":"(orders|refunds|returns)\.' "$scratch/out" | cut -c1-300 | head -n 3)
		[ -n "$buyer" ] || [ -z "$orders" ] || wrong="$wrong
seed $seed: nobody is shown orders: $orders"
	done
	name="noise: ${buyer:-nobody}"
	if [ -z "$wrong" ]; then pass "$name"; else fail "$name" "$wrong"; fi
done
finish
