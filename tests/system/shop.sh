#!/bin/bash
# tenstep shop on the command line: how it starts and does not, and what is done by hand.
bin=${1:?the build folder}
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh
bin=$(CDPATH= cd -- "$bin" && pwd) || exit 2
scratch=$(mktemp -d) || exit 2
pids=
trap 'kill $pids 2>/dev/null; wait; rm -rf "$scratch"' EXIT
export PATH="$bin:$PATH"
unset TENSTEP_DATA

# start FOLDER OPTION...: a shop in the background, there when this returns
start() {
	local folder=$1
	shift
	rm -f "$scratch/$folder/shop/address"
	tenstep shop --port 0 --data "$scratch/$folder" --quiet "$@" >"$scratch/$folder.out" 2>"$scratch/$folder.err" &
	pids="$pids $!"
	for _ in $(seq 200); do
		grep -q Ctrl-C "$scratch/$folder.out" 2>/dev/null && return 0
		sleep 0.05
	done
	cat "$scratch/$folder.err" >&2
	return 1
}

# says NAME STATUS TEXT COMMAND...: how it ends, and all that it says
says() {
	local name=$1 status=$2 text=$3 out
	shift 3
	out=$("$@" 2>&1 </dev/null)
	is "$name" "$status $text" "$? $out"
}

start one --fixture delivered --now '2026-03-01 10:00' || fail 'a shop starts'
is 'it says all that a client needs' '…http://127.0.0.1:…/shop/#token=…68xu9ks5p4i8j…app.secret…TTP_…GCP_…ledger.jsonl…tenstep authorize…tenstep serve…' \
	"$(cat "$scratch/one.out")"
holds 'secrets are for their owner only' test "$(stat -c %a "$scratch/one/shop/app.secret" "$scratch/one/shop/admin.token" "$scratch/one/shop/ledger.jsonl" | sort -u)" = 600
holds 'the configuration for serve is one' tenstep serve --config "$scratch/one/shop/serve.json" --help
hand() { timeout 60 tenstep shop --data "$scratch/one" "$@"; }
says 'orders, and what they could do next' 0 'A-1001   DELIVERED … 29.90 USD  buyer-open     Blue dress
         may: complete ask_return' hand orders
says 'orders of one buyer' 0 '' hand orders buyer-new
says 'a step is taken' 0 '' hand step A-1001 ask_return
says 'orders are named by their platform ids too' 0 '' hand step 576461413030001001 approve
says 'a step that cannot be taken' 2 'tenstep: the order is in no state for that' hand step A-1001 pay
says 'a step that there is not' 2 'tenstep: there is no such step' hand step A-1001 dance
says 'an order that there is not' 2 'tenstep: there is no such order' hand step A-9999 pay
says 'a new order' 0 'A-1002, 576461413030001002 to the platform' hand order buyer-new mug lamp
says 'goods that are not sold' 2 'tenstep: there is no such buyer, or the shop does not sell that' hand order buyer-new moon
says 'the clock' 0 "the shop's time is 2026-03-04 1…" hand clock 3d
says 'a message' 0 '' hand say buyer-new where is it
says 'misbehaviour' 0 '' hand misbehave 'orders.search:500:2'
says 'misbehaviour that there is not' 2 'tenstep: …' hand misbehave orders.search:dance
says 'good again' 0 '' hand behave
says 'a code' 0 'TTP_…' hand code
says 'an action that there is not' 2 "tenstep: there is no action 'dance'
Actions…" hand dance
says 'an action with too few words' 2 "tenstep: more words are needed after 'step'
Actions…" hand step A-1001

says 'two shops in one folder' 2 "tenstep: another tenstep is using '$scratch/one/shop/shop.db'" \
	timeout 60 tenstep shop --port 0 --data "$scratch/one" --quiet
address=$(cat "$scratch/one/shop/address")
says 'a port that is taken' 2 "tenstep: cannot listen on 127.0.0.1:${address##*:}: address already in use" \
	timeout 60 tenstep shop --port "${address##*:}" --data "$scratch/two" --quiet
says 'a fixture that there is not' 2 "tenstep: unknown shop 'moon'" timeout 60 tenstep shop --port 0 --data "$scratch/three" --fixture moon --quiet
says 'no shop' 2 "tenstep: no shop has run on '$scratch/four'; 'tenstep shop' starts one" tenstep shop --data "$scratch/four" orders
for wrong in --port=x --now=soon --rate=-1 --misbehave=moon:500 --misbehave=orders.search:moon --seed=x; do
	says "wrong usage: $wrong" 2 'tenstep shop: …' timeout 60 tenstep shop "$wrong"
done

# Killed, it goes on where it was; asked to stop, it ends well.
kill -9 $pids
wait $pids 2>/dev/null
pids=
start one --fixture delivered || fail 'it starts again'
says 'what was done is still there, and what the clock did' 0 'A-1002 …CANCELLED…' hand orders buyer-new
kill $pids
wait $pids
is 'asked to stop, it ends well' 0 $?
pids=
says 'nobody answers any more' 2 'tenstep: the shop does not answer: …' hand orders
holds 'no sanitizer has anything to say' sh -c "! grep -l 'ERROR: AddressSanitizer\\|runtime error' '$scratch'/*.err"
finish
