#!/bin/bash
# How the program behaves on a command line: statuses, streams, folders, garbage.
cd "$(dirname "$0")/../.." || exit 2
[ -z "${1:-}" ] || PATH=$1:$PATH
. tests/tap.sh
scratch=$(mktemp -d) || exit 2
chmod 755 "$scratch"
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
unset TENSTEP_DATA TENSTEP_CONTENT NO_COLOR CLICOLOR CLICOLOR_FORCE
export XDG_DATA_HOME=$scratch/xdg
program=$(command -v tenstep)

# ends NAME STATUS PATTERN COMMAND...: the status, and what both streams say (… is anything)
ends() {
	local name=$1 status=$2 pattern=$3 out got
	shift 3
	out=$("$@" 2>&1 </dev/null)
	got=$?
	is "$name" "$status: $pattern" "$got: $out"
}

ends 'alone: help' 0 'tenstep: …chat…check…Examples…' tenstep
ends '--version' 0 'tenstep …pcre2…' tenstep --version
ends 'chat --version' 0 'tenstep …' tenstep chat --version
ends 'help chat' 0 'Usage: tenstep chat…--buyer…' tenstep help chat
ends 'a mistyped command' 2 "tenstep: unknown command 'chekc'; did you mean 'check'?" tenstep chekc
ends 'an option before the command' 2 '…a command comes first…' tenstep --json
ends 'a mistyped option' 2 '…--jsn…' tenstep chat --jsn
ends 'too many arguments' 2 "…'extra'…" tenstep check extra
ends 'no such time' 2 "…not 'soon'…" tenstep chat --now soon
ends 'no such buyer' 2 "…no buyer 'nobody'…" tenstep chat --json --buyer nobody
ends 'no such shop' 2 "…'demmo'; did you mean 'demo'?" tenstep chat --json --shop demmo
ends 'no such language' 1 '…A005…' tenstep check --lang xx
ends 'no such folder' 2 "…A001…'$scratch/none'…No such file…" tenstep check --content "$scratch/none"
mkdir "$scratch/empty"
ends 'a folder without content' 1 '…A001…holds no content…' tenstep check --content "$scratch/empty"
ends 'the shipped content' 0 '…nothing wrong' tenstep check --strict
ends 'the content inside the program' 0 '…inside the program: nothing wrong' env -C "$scratch" "$program" check --strict
ends 'HOME unset' 2 '…--data DIR…' env -u HOME -u XDG_DATA_HOME "$program" chat
ends 'HOME unset, a script' 0 '' env -u HOME -u XDG_DATA_HOME "$program" chat --json
ends 'a file where the folder should be' 2 '…Not a directory…' tenstep chat --data "$program"

# Findings of files that cannot be read, and the others' in the same run.
cp -r intents flows "$scratch/empty/"
printf '{"flow": "broken", ' >"$scratch/empty/flows/guide/99_broken.json"
head -c 1100000 /dev/zero | tr '\0' ' ' >"$scratch/empty/flows/guide/98_big.json"
mkfifo "$scratch/empty/flows/guide/97_pipe.json"
ends 'broken, too big, no file' 1 "…A002…97_pipe.json…A003…98_big.json…99_broken.json:1:…J0…" \
	tenstep check --content "$scratch/empty"
rm "$scratch"/empty/flows/guide/9[789]_*.json
mv "$scratch/empty/flows/repair/repair_once.json" "$scratch/empty/flows/repair/repair_once.json.txt"
ends 'a file that is not read, a flow that is missed' 0 "…A007…repair_once.json.txt' is not read…A008…'repair/once'…" \
	tenstep check --content "$scratch/empty"
mv "$scratch/empty/flows/repair/repair_once.json.txt" "$scratch/empty/flows/repair/repair_once.json"
json=$(tenstep check --content "$scratch/empty" --json 2>/dev/null)
is 'check --json prints findings only' '' "$json"

# Streams
out=$(printf 'hello\n' | tenstep chat --buyer buyer-open 2>/dev/null)
case $out in *$'\033'* | '> '*) fail 'a pipe gets no colour and no prompt' "$out" ;; *) pass 'a pipe gets no colour and no prompt' ;; esac
out=$(printf 'hello\n' | tenstep chat --buyer buyer-open --color=always 2>/dev/null)
case $out in *$'\033'*) pass '--color=always' ;; *) fail '--color=always' "$out" ;; esac
printf 'hello\n' | tenstep chat --json >&- 2>"$scratch/err"
is 'stdout is closed' '2: tenstep: cannot write…' "$?: $(cat "$scratch/err")"
printf 'hello\n' | tenstep chat --json >/dev/full 2>"$scratch/err"
is 'stdout is full' '2: tenstep: cannot write…' "$?: $(cat "$scratch/err")"
yes 'hello' | head -n 2000 | { tenstep chat --json 2>"$scratch/err"; echo $? >"$scratch/status"; } | head -n 1 >/dev/null
is 'the reader went away' '141: ' "$(cat "$scratch/status"): $(cat "$scratch/err")"
is 'a line without an end' '{"turn":1,…}' "$(printf 'hello' | tenstep chat --json)"
is 'lines that end as on Windows' '{"turn":1,"intent":"greeting"…}' "$(printf 'hello\r\n' | tenstep chat --json)"

# Garbage: one object a line, whatever the line holds.
LC_ALL=C awk 'BEGIN { srand(7); for (i = 0; i < 60000; i++) printf "%c", int(rand() * 255) + 1; print "" }' >"$scratch/noise"
{
	head -c 200000 /dev/zero | tr '\0' 'x'
	echo
	printf '{"text":"\\u0000"}\n{"text":1}\n{}\n[]\n{"after":"never"}\n{"press":"nothing"}\n{"event":"no.such"}\n'
	printf '{"agent":"sings"}\n{"attachment":"image"}\n{"text":"a","text":"b"}\n{"a":{"a":{"a":\n\n   \n{"end":true}\nhello\0there\n'
} >>"$scratch/noise"
tenstep chat --json --seed 1 --now 2025-03-01 <"$scratch/noise" >"$scratch/out" 2>"$scratch/err"
is 'garbage: status and stderr' '0: ' "$?: $(cat "$scratch/err")"
is 'garbage: an answer a line' "$(wc -l <"$scratch/noise")" "$(wc -l <"$scratch/out")"
is 'garbage: objects only' 0 "$(LC_ALL=C grep -cv '^{.*}$' "$scratch/out")"
tenstep chat --json --seed 1 --now 2025-03-01 <"$scratch/noise" >"$scratch/out2" 2>/dev/null
holds 'the same seed and time, the same answers' cmp "$scratch/out" "$scratch/out2"
tenstep chat --now 2025-03-01 <"$scratch/noise" >"$scratch/out" 2>"$scratch/err"
is 'garbage for a person: status and stderr' '0: ' "$?: $(cat "$scratch/err")"
is 'garbage for a person: nothing steers the terminal' 0 \
	"$(LC_ALL=C tr -d '\n\t' <"$scratch/out" | LC_ALL=C grep -c '[[:cntrl:]]')"

# Folders
mkfifo "$scratch/hold"
tenstep chat --json --data "$scratch/shared" <"$scratch/hold" >"$scratch/held" 2>&1 &
holder=$!
exec 9>"$scratch/hold"
printf 'hello\n' >&9
until [ -s "$scratch/held" ]; do sleep 0.02; done
ends 'two programs, one folder' 2 "tenstep: another tenstep is using the folder '$scratch/shared'…" \
	tenstep chat --json --data "$scratch/shared"
exec 9>&-
wait "$holder"
is 'the first one was not disturbed' '0' "$?"
ends 'the folder is free again' 0 '' tenstep chat --json --data "$scratch/shared"
is 'only its owner may look into the folder' 'drwx------' "$(stat -c %A "$scratch/shared")"

as_nobody() { # a user to whom permissions mean something
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}
mkdir "$scratch/readonly"
chmod 555 "$scratch/readonly"
if as_nobody test -x "$program"; then
	ends 'a folder that cannot be written' 2 'tenstep: …' as_nobody "$program" chat --data "$scratch/readonly"
	ends 'a folder that cannot be made' 2 'tenstep: cannot make the folder…Permission denied' \
		as_nobody "$program" chat --data "$scratch/readonly/x"
fi
printf 'this is no database, but it is long enough to be read as one\n' >"$scratch/bad.db"
mkdir "$scratch/damaged"
cp "$scratch/bad.db" "$scratch/damaged/sessions.db"
ends 'a damaged store' 2 'tenstep: …' tenstep chat --data "$scratch/damaged"
is 'a damaged store is left alone' '' "$(cmp "$scratch/bad.db" "$scratch/damaged/sessions.db" 2>&1)"

# What nobody listens to is told, and what is sent that is no word.
mkdir "$scratch/mine"
cp -r intents flows "$scratch/mine/"
cat >"$scratch/mine/intents/packs/en/mine.json" <<-'end'
	{"intent": "photo_help", "about": "The buyer asks how to send a photo.", "kind": "info",
	 "phrases": ["how .. (send|upload) .. photo"], "examples": ["how do I upload a photo"]}
end
ends 'an intent that no flow listens to' 0 "…0 errors, 1 warning…mine.json:1:12: warning[I034]: no flow listens to the intent 'photo_help'…" \
	tenstep check --content "$scratch/mine"
is 'a picture may be sent, and is written down' '…image: mug.jpg…' "$(printf '%s\n' 'return the mug' 'it arrived damaged' ':photo mug.jpg' \
	":save-test $scratch/photo.chat" | tenstep chat --fresh --data "$scratch/photo" --buyer buyer-open --now '2025-03-03 10:00' >/dev/null; cat "$scratch/photo.chat")"
ends 'and plays as a test' 0 '1 passed, 0 failed' tenstep test "$scratch/photo.chat"

# Anew means anew, even at the same time and with the same words.
fresh() {
	printf 'cancel my order\n1\nskip\nyes\nshow my orders\n' | tenstep chat --json --fresh --data "$scratch/fresh" \
		--buyer buyer-open --seed 3 --now '2025-03-01 10:00'
}
first=$(fresh)
is '--fresh begins anew' "$first" "$(fresh)"
case $first in *'"op":"orders.cancel"'*'"outcome":"ok"'*'cancelled'*) pass 'and cancels anew' ;; *) fail 'and cancels anew' "$first" ;; esac

# What was promised to one is not lost while another talks.
talk() { tenstep chat --data "$scratch/two" --now '2025-03-01 10:00' --buyer "$@" 2>&1; }
printf 'cancel my order\n1\nskip\nyes\n' | talk buyer-open >/dev/null
is 'nobody is told what is another'\''s' '(it is 9 March…)' "$(printf ':after 8d\n' | talk buyer-transit)"
is 'the other one is told' '…A-1001…paid out…' "$(talk buyer-open </dev/null)"
is 'and told once' '' "$(talk buyer-open </dev/null)"

# A broken edit keeps the last good content.
mkfifo "$scratch/edit"
tenstep chat --content "$scratch/empty" --data "$scratch/edited" <"$scratch/edit" >"$scratch/out" 2>&1 &
editor=$!
exec 9>"$scratch/edit"
file=$scratch/empty/flows/guide/05_cancel.json
cp "$file" "$scratch/good.json"
printf 'hello\n' >&9
until grep -q 'Cancel an order' "$scratch/out"; do sleep 0.02; done
sed 's/"then": "[a-z_]*"/"then": "nowhere"/' "$scratch/good.json" >"$file"
printf ':reload\n' >&9
until grep -q 'stays in use' "$scratch/out"; do sleep 0.02; done
printf ':restart\ncancel my order\n' >&9
sleep 0.3
cp "$scratch/good.json" "$file"
printf ':reload\ncancel my order\n:quit\n' >&9
exec 9>&-
wait "$editor"
is ':reload of broken content' "0: …error…unknown step 'nowhere'…stays in use…(reloaded)…" "$?: $(cat "$scratch/out")"

# What a person saves is a test that passes.
printf 'cancel my order\n1\n:why\nchanged my mind\nno\n:back\nyes\n:save-test %s\n' "$scratch/mine.chat" |
	tenstep chat --shop demo --buyer buyer-open --now '2025-03-01 10:00' >/dev/null
ends ':save-test' 0 '…' tenstep test "$scratch/mine.chat"
finish
