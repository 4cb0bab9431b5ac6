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
adapters/store: adapters/store/sqlite/ adapters/thread/ bot/engine/post.h bot/base/
adapters/order: bot/base/
adapters/order/sandbox: adapters/order/order_api.h adapters/store/sqlite/ bot/base/
adapters/order/tiktok_shop: adapters/order/order_api.h bot/base/
adapters/order/shop_wire: adapters/order/sandbox/ adapters/order/tiktok_shop/ adapters/order/order_api.h adapters/store/sqlite/ bot/base/
adapters/net: adapters/thread/ bot/base/
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
bot/common: adapters/net/ bot/base/ bot/engine/
bot/config: bot/common/ adapters/channel/ adapters/chatwoot/ adapters/discord/ adapters/graph/ adapters/hook/ adapters/line/ adapters/net/ adapters/order/tiktok_shop/ adapters/slack/ adapters/telegram/ adapters/tiktok_chat/ adapters/viber/ adapters/whatsapp/ adapters/zalo/ bot/base/
bot/host: adapters/order/order_api.h adapters/store/ bot/base/ bot/engine/ flows/
bot/dispatch: bot/common/ bot/host/ adapters/net/ adapters/order/order_api.h adapters/store/ bot/base/ bot/engine/
bot/channels: bot/common/ bot/config/ bot/dispatch/ adapters/channel/ adapters/discord/ adapters/net/ adapters/slack/ adapters/store/ adapters/widget/ bot/base/
bot/chats: bot/common/ bot/host/ adapters/order/sandbox/ bot/base/ bot/engine/ flows/ intents/
bot/web: bot/common/ bot/config/ bot/dispatch/ adapters/directline/ adapters/net/ adapters/rasa/ adapters/widget/ bot/base/
bot/counter: bot/common/ bot/web/ adapters/net/ adapters/order/shop_wire/ bot/base/
bot/terminal: bot/common/ bot/host/ adapters/order/sandbox/ adapters/store/ bot/base/ flows/
bot/desk: bot/channels/ bot/common/ bot/config/ bot/dispatch/ bot/terminal/ bot/web/ adapters/net/ adapters/store/ adapters/widget/ bot/base/ flows/
bot/shop: bot/channels/ bot/common/ bot/config/ bot/desk/ bot/dispatch/ bot/web/ adapters/net/ adapters/order/order_api.h adapters/order/tiktok_shop/ adapters/store/ adapters/tiktok_chat/ bot/base/
bot/app: bot/channels/ bot/chats/ bot/common/ bot/config/ bot/counter/ bot/desk/ bot/dispatch/ bot/host/ bot/shop/ bot/terminal/ bot/web/ bot/engine/ intents/ flows/ adapters/ bot/base/
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
sqlite3.h adapters/store/sqlite/sqlite.c
histedit.h bot/terminal/chat_terminal.c
ev.h adapters/net/loop.c
libwebsockets.h adapters/net/connections_inside.h
libwebsockets.h adapters/net/socket_client.c
curl/ adapters/net/curl_late.h
'

door_of() { # HEADER: the files that may include it, or nothing
	printf '%s' "$doors" | while read -r header file; do
		case $1 in "$header" | "$header"*) [ -z "$header" ] || echo "$file" ;; esac
	done
}

sources() { # FOLDER: its own files, not those of folders below
	find "$1" -maxdepth 1 -name '*.[ch]' | sort
}

wrong_own() { # FOLDER ALLOWED...
	local folder=$1 file line header a ok
	shift
	sources "$folder" | while read -r file; do
		grep -n '^ *# *include *"' "$file" | while IFS= read -r line; do
			header=${line#*\"}
			header=${header%%\"*}
			case $header in "$folder"/*) case ${header#"$folder"/} in */*) ;; *) continue ;; esac ;; esac
			ok=no
			for a in "$@"; do case $header in "$a"*) ok=yes ;; esac; done
			[ $ok = yes ] || echo "$file:${line%%:*}: $header"
		done
	done
}

wrong_system() { # FOLDER
	local folder=$1 file line header
	sources "$folder" | while read -r file; do
		grep -n '^ *# *include *<' "$file" | while IFS= read -r line; do
			header=${line#*<}
			header=${header%%>*}
			door=$(door_of "$header")
			if [ -n "$door" ]; then
				printf '%s\n' "$door" | grep -qxF "$file" ||
					echo "$file:${line%%:*}: <$header> belongs to $door"
				continue
			fi
			case " $pure " in *" $folder "*) ;; *) continue ;; esac
			case " $pure_headers " in
			*" $header "*) ;;
			*) echo "$file:${line%%:*}: <$header> in a pure layer" ;;
			esac
		done
	done
}

while IFS=: read -r folder allowed; do
	[ -n "$folder" ] && [ -d "$folder" ] || continue
	# shellcheck disable=SC2086
	wrong=$(wrong_own "$folder" $allowed; wrong_system "$folder")
	if [ -z "$wrong" ]; then pass "layers: $folder"; else fail "layers: $folder" "$wrong"; fi
done <<<"$layers"

# A folder that nobody listed would escape.
unlisted=$(sources_of_all | grep -v '^tests/' | sed 's,/[^/]*$,,' | sort -u |
	while read -r folder; do printf '%s\n' "$layers" | grep -q "^$folder:" || echo "$folder"; done)
if [ -z "$unlisted" ]; then pass 'layers: every folder is listed'; else fail 'layers: every folder is listed' "$unlisted"; fi
finish
