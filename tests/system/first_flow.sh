#!/bin/bash
# flows/FIRST.md, done as it is written there: its files are made, checked, read, drawn and played.  $1: the build folder
. "$(dirname "$0")/../tap.sh"
PATH=$1:$PATH
cd "$(dirname "$0")/../.." || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export TENSTEP_DATA=$scratch/data
shop=$scratch/shop

# Each block that stands behind a line `shop/PATH`: becomes that file.
write_files() {
	local line path='' inside=no
	while IFS= read -r line; do
		case $inside:$line in
		no:'`shop/'*'`:') path=${line#'`shop/'} path=${path%'`:'} ;;
		no:'```'*) if [ -n "$path" ]; then inside=yes; : >"$shop/$path"; else inside=skip; fi ;;
		yes:'```' | skip:'```') inside=no path= ;;
		yes:*) printf '%s\n' "$line" >>"$shop/$path" ;;
		esac
	done <flows/FIRST.md
}

mkdir -p "$shop/intents" "$shop/flows" "$shop/tests"
cp -r intents/packs "$shop/intents"
cp -r flows/guide flows/repair flows/lists "$shop/flows"
cp -r tests/chats "$shop/tests"
write_files
cd "$shop" || exit 2
for file in intents/packs/en/gift.json flows/lists/cards.json flows/guide/20_gift.json tests/chats/gift.chat; do
	holds "first flow: $file is on the page" test -s "$file"
done
out=$(tenstep check --strict 2>&1)
is 'first flow: nothing is wrong with it' '0 61 flows, 36 intents with … phrases, in this folder: nothing wrong' "$? $out"
out=$(tenstep test tests/chats/gift.chat 2>&1)
is 'first flow: its chats pass' '0 3 passed, 0 failed' "$? $out"
out=$(tenstep test 2>&1)
is 'first flow: those of the others too' '0…0 failed' "$?$out"
is 'first flow: it reads as sentences' '# Add a gift message…We ask for a clear yes: …' "$(tenstep read gift_message)"
is 'first flow: it is drawn' 'digraph "gift_message"…' "$(tenstep graph gift_message)"
out=$(printf '%s\n' 'can you put a note in' 'the dress' roses 'For you' yes | tenstep chat --fresh --buyer buyer-open --now '2025-03-01 10:00' --seed 1 2>&1)
is 'first flow: it is talked to' '…Which order…Which card…What shall the card say?…Flowers, with the words “For you”…I am handing it to a person…gifts…' "$out"
finish
