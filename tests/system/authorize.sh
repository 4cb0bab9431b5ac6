#!/bin/bash
# tenstep authorize against tenstep shop: a seller's consent, what is refused, and what is never shown.  $1: the build
# folder
. "$(dirname "$0")/../tap.sh"
PATH=$1:$PATH
scratch=$(mktemp -d) || exit 2
shop=
stop() {
	[ -z "$shop" ] || kill "$shop" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$scratch"
}
trap stop EXIT
cd "$scratch" || exit 2
unset CREDENTIALS_DIRECTORY

tenstep shop --data "$scratch" --port 0 --quiet >shop.out 2>shop.err </dev/null &
shop=$!
for _ in $(seq 100); do
	grep -q 'Ctrl-C' shop.out && break
	sleep 0.1
done
config=shop/serve.json
tokens=server/tiktok_shop.tokens
secret=$(cat shop/app.secret)

# ends STATUS NAME COMMAND...: leaves what it printed in $out and $err
ends() {
	local wanted=$1 name=$2 got
	shift 2
	out=$("$@" 2>err)
	got=$?
	err=$(cat err)
	printf '%s\n%s\n' "$out" "$err" >>all.out
	if [ "$got" = "$wanted" ]; then pass "$name"; else fail "$name" "ended with $got, not $wanted: $out $err"; fi
}
authorize() { timeout 30 tenstep authorize --data "$scratch" "$@"; }
new_code() { tenstep shop --data "$scratch" code </dev/null; }
with() { printf '%s\n' "$1" | authorize --config $config; }

ends 1 'authorize: a code that is none' with nonsense
is 'authorize: says so' '…The seller opens…/open/authorize?service_id=…&state=…there is no consent: the code was not taken…' "$err"
[ -e $tokens ] && fail 'authorize: nothing is kept then' || pass 'authorize: nothing is kept then'

code=$(new_code)
ends 0 'authorize: a good code' with "$code"
is 'authorize: tells who and which shops' 'Juniper & Finch has consented until …:
  7495540735365777507  US  Juniper & Finch
The tokens are in …/server/tiktok_shop.tokens' "$out"
is 'authorize: the tokens are for their owner only' 600 "$(stat -c %a $tokens)"
before=$(cat $tokens)
ends 1 'authorize: the same code again' with "$code"
is 'authorize: what was there stays' "$before" "$(cat $tokens)"

ends 2 'authorize: an answer to another link' with "https://shop.example/back?code=$(new_code)&state=0123456789abcdef"
is 'authorize: says what to do' '…this is the answer to another link; open the one above…' "$err"
ends 2 'authorize: an address without a code' with 'https://shop.example/back?state='
printf 'https://shop.example/back?app_key=x&code=%s&state=anything\n' "$(new_code)" >code.txt
ends 0 'authorize: the whole address, in a file' authorize --config $config --code-file code.txt
ends 2 'authorize: no code' authorize --config $config </dev/null
ends 2 'authorize: no such file' authorize --config $config --code-file none.txt
echo '{"listen": {"port": 8080}}' >other.json
ends 2 'authorize: a configuration without the shop' authorize --config other.json </dev/null
ends 2 'authorize: no configuration' authorize </dev/null

sed 's/"app_key": "[^"]*"/"app_key": "wrong"/' $config >shop/wrong.json
code=$(new_code)
wrong() { printf '%s\n' "$code" | authorize --config shop/wrong.json; }
ends 1 'authorize: a wrong key' wrong
kill "$shop"
wait "$shop" 2>/dev/null
shop=
ends 1 'authorize: nobody there' with "$code"
is 'authorize: says so' '…there is no consent: the code was not taken: …' "$err"
if grep -qF -e "$secret" -e "$(printf '%s' "$before" | grep -o 'TTP_[^"]*' | head -1)" all.out; then
	fail 'authorize: neither secret nor tokens are shown'
else
	pass 'authorize: neither secret nor tokens are shown'
fi
finish
