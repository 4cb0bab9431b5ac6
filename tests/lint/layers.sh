#!/bin/bash
# Who may know whom: every #include obeys the layers, and each foreign library has one door.
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh

sources_of_all() { tracked | grep '\.[ch]$'; }

# folder: what its files may include, besides its own folder and the C library's pure headers
layers='
bot/base:
intents: bot/base/
flows: bot/base/
bot/engine: intents/ flows/ bot/base/
adapters/store/sqlite: bot/base/
adapters/thread: bot/base/
adapters/late:
adapters/store: adapters/store/sqlite/ adapters/thread/ bot/engine/post.h bot/base/
adapters/order: bot/base/
adapters/order/sandbox: adapters/order/order_api.h adapters/store/sqlite/ bot/base/
adapters/order/tiktok_shop: adapters/order/order_api.h bot/base/
adapters/order/shop_wire: adapters/order/sandbox/ adapters/order/tiktok_shop/ adapters/order/order_api.h adapters/store/sqlite/ bot/base/
adapters/net: adapters/late/ adapters/thread/ bot/base/
adapters/widget: bot/engine/post.h bot/engine/event.h bot/base/
adapters/directline: bot/engine/post.h bot/engine/event.h bot/base/
adapters/rasa: bot/engine/post.h bot/engine/event.h bot/base/
adapters/tiktok_chat: adapters/channel/ bot/engine/post.h bot/base/
adapters/channel: bot/engine/post.h bot/engine/event.h bot/base/
adapters/whatsapp: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/graph: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/line: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/telegram: adapters/channel/ bot/engine/post.h bot/base/
adapters/hook: adapters/channel/ bot/engine/post.h bot/base/
adapters/slack: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/discord: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/chatwoot: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/viber: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
adapters/zalo: adapters/channel/ bot/engine/post.h bot/engine/event.h bot/base/
bot/common: adapters/net/ adapters/thread/ bot/base/ bot/engine/
bot/config: bot/common/ adapters/channel/ adapters/chatwoot/ adapters/discord/ adapters/graph/ adapters/hook/ adapters/line/ adapters/net/ adapters/order/tiktok_shop/ adapters/slack/ adapters/telegram/ adapters/tiktok_chat/ adapters/viber/ adapters/whatsapp/ adapters/zalo/ bot/base/
bot/host: adapters/order/order_api.h adapters/store/ bot/base/ bot/engine/ flows/
bot/dispatch: bot/common/ bot/host/ adapters/net/ adapters/order/order_api.h adapters/store/ bot/base/ bot/engine/
bot/channels: bot/common/ bot/config/ bot/dispatch/ adapters/channel/ adapters/discord/ adapters/net/ adapters/slack/ adapters/store/ adapters/widget/ bot/base/
bot/chats: bot/common/ bot/host/ adapters/order/sandbox/ bot/base/ bot/engine/ flows/ intents/
bot/web: bot/common/ bot/config/ bot/dispatch/ adapters/directline/ adapters/net/ adapters/rasa/ adapters/widget/ bot/base/
bot/counter: bot/common/ bot/web/ adapters/net/ adapters/order/shop_wire/ bot/base/
bot/terminal: bot/common/ bot/host/ adapters/late/ adapters/order/sandbox/ adapters/store/ bot/base/ flows/
bot/desk: bot/channels/ bot/common/ bot/config/ bot/dispatch/ bot/terminal/ bot/web/ adapters/net/ adapters/store/ adapters/widget/ bot/base/ flows/
bot/shop: bot/channels/ bot/common/ bot/config/ bot/desk/ bot/dispatch/ bot/web/ adapters/net/ adapters/order/order_api.h adapters/order/tiktok_shop/ adapters/store/ adapters/tiktok_chat/ bot/base/
bot/retention: bot/common/ bot/dispatch/ bot/web/ adapters/net/ adapters/store/ bot/base/
bot/app: bot/retention/ bot/channels/ bot/chats/ bot/common/ bot/config/ bot/counter/ bot/desk/ bot/dispatch/ bot/host/ bot/shop/ bot/terminal/ bot/web/ bot/engine/ intents/ flows/ adapters/ bot/base/
'
pure='bot/base intents flows bot/engine adapters/widget adapters/directline adapters/rasa adapters/channel adapters/order/tiktok_shop adapters/tiktok_chat'
pure="$pure adapters/whatsapp adapters/graph adapters/line adapters/telegram adapters/slack adapters/discord adapters/chatwoot adapters/viber adapters/zalo adapters/hook"
pure_headers='assert.h ctype.h errno.h inttypes.h limits.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h'
doors='
pcre2.h intents/pattern.c
cjson/cJSON.h bot/base/json.c
utf8proc.h bot/base/text.c
xxhash.h bot/base/hash.c
uthash.h bot/base/table.h
uthash.h adapters/net/peers.c
openssl/ bot/base/digest.c
openssl/ssl.h adapters/net/socket_client.c
openssl/ adapters/net/certificate.c
sqlite3.h adapters/store/sqlite/sqlite_inside.h
sqlite3.h adapters/store/sqlite/sqlite_file.c
histedit.h bot/terminal/edit_late.h
ev.h adapters/net/loop.c
libwebsockets.h adapters/net/connections_inside.h
libwebsockets.h adapters/net/socket_client.c
curl/ adapters/net/curl_late.h
'

# Every wrong #include behind its folder and a tab.  A header of a folder is known by its beginning.
all_wrong() {
	# shellcheck disable=SC2046
	layers=$layers doors=$doors pure=$pure pure_headers=$pure_headers awk '
	function is_in(word, list) { return index(" " list " ", " " word " ") > 0 }
	function is_own(header) { return index(header, folder "/") == 1 && substr(header, length(folder) + 2) !~ /\// }
	function may_include(header,    n, i, start) {
		n = split(allowed[folder], start, " ")
		for (i = 1; i <= n; i++)
			if (index(header, start[i]) == 1)
				return 1
		return is_own(header)
	}
	function wrong(what) { print folder "\t" FILENAME ":" FNR ": " what }
	BEGIN {
		n = split(ENVIRON["layers"], line, "\n")
		for (i = 1; i <= n; i++) {
			at = index(line[i], ":")
			allowed[substr(line[i], 1, at - 1)] = substr(line[i], at + 1)
		}
		n_doors = split(ENVIRON["doors"], line, "\n")
		for (i = 1; i <= n_doors; i++) {
			split(line[i], part, " ")
			behind[i] = part[1]; door[i] = part[2]
		}
	}
	FNR == 1 { folder = FILENAME; sub(/\/[^\/]*$/, "", folder) }
	!/^ *# *include *["<]/ { next }
	{
		header = $0
		sub(/^[^"<]*["<]/, "", header); sub(/[">].*/, "", header)
		doors = ""
		for (i = 1; i <= n_doors; i++)
			if (behind[i] != "" && index(header, behind[i]) == 1)
				doors = doors " " door[i]
	}
	/^ *# *include *"/ { if (!may_include(header)) wrong(header); next }
	doors != "" { if (!is_in(FILENAME, doors)) wrong("<" header "> belongs to" doors); next }
	is_in(folder, ENVIRON["pure"]) && !is_in(header, ENVIRON["pure_headers"]) { wrong("<" header "> in a pure layer") }
	' $(printf '%s\n' "$layers" | while IFS=: read -r folder _; do
		[ -n "$folder" ] && find "$folder" -maxdepth 1 -name '*.[ch]' 2>/dev/null
	done | sort)
}

found=$(all_wrong) || exit 2
while IFS=: read -r folder _; do
	[ -n "$folder" ] && [ -d "$folder" ] || continue
	wrong=$(printf '%s\n' "$found" | sed -n "s,^$folder\t,,p")
	if [ -z "$wrong" ]; then pass "layers: $folder"; else fail "layers: $folder" "$wrong"; fi
done <<<"$layers"

# A folder that nobody listed would escape.
unlisted=$(sources_of_all | grep -v '^tests/' | sed 's,/[^/]*$,,' | sort -u |
	while read -r folder; do printf '%s\n' "$layers" | grep -q "^$folder:" || echo "$folder"; done)
if [ -z "$unlisted" ]; then pass 'layers: every folder is listed'; else fail 'layers: every folder is listed' "$unlisted"; fi
finish
