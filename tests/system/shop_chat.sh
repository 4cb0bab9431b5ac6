#!/bin/bash
# TikTok Shop's buyer chat and webhooks from outside, against `tenstep shop`: buyers who share no code with the program.
# (run_pictures.py is run by tests/shop/pictures.mjs, which looks at its requests too.)
# Each script has a shop and a server of its own and mostly waits: they run side by side.  $1: the build folder
bin=${1:?the build folder}
cd "$(dirname "$0")/shop_chat" || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -fPIC -shared -o "$scratch/clock.so" ../keep/clock.c || exit 2
status=0
for script in run_walk.py run_hooks.py run_outage.py run_unclear.py run_promises.py run_silence.py run_settle.py run_agents.py run_clock.py; do
	clock=
	[ "$script" != run_clock.py ] || clock=$scratch/clock.so
	/usr/bin/python3 -B "$script" "$bin/tenstep" $clock >"$scratch/$script" 2>&1 &
	echo "$! $script" >>"$scratch/list"
done
while read -r pid script; do
	wait "$pid" || status=1
	cat "$scratch/$script"
done <"$scratch/list"
exit $status
