#!/bin/bash
# The pure layers ask nothing of the system and keep nothing between calls: what their archives need from
# outside is on a list, and no variable in them can be written.
bin=${1:?the build folder}
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh
archives="$bin/libbase.a $bin/libintents.a $bin/libflows.a $bin/libengine.a $bin/libwidget.a $bin/libdirectline.a $bin/librasa.a $bin/libchannel.a $bin/libtiktok_shop.a $bin/libtiktok_chat.a"
for codec in whatsapp graph line telegram slack discord chatwoot viber zalo; do archives="$archives $bin/lib$codec.a"; done

# shellcheck disable=SC2086
needed=$(nm -u $archives | awk '$1 == "U" { print $2 }' | sort -u)
# shellcheck disable=SC2086
own=$(nm --defined-only $archives | awk 'NF == 3 { print $3 }' | sort -u)
listed=$(grep -v '^#' tests/lint/pure_symbols.txt | sed 's/\*/.*/' | paste -sd '|')
strange=$(comm -23 <(echo "$needed") <(echo "$own") | grep -vxE "$listed" |
	grep -Ev '^(__asan_|__ubsan_|__sanitizer_|__odr_asan|__gcov_|__stack_chk_fail$|_GLOBAL_OFFSET_TABLE_$)')
if [ -z "$strange" ]; then pass 'pure: needs only what is listed'; else fail 'pure: needs only what is listed' "$strange"; fi

# Tables of pointers are const but relocated (.data.rel.ro); ASan keeps books of its own.
# shellcheck disable=SC2086
mutable=$(objdump -t $archives 2>/dev/null | awk '
	/^[^ ].*:.*file format/ { file = $1 }
	$0 ~ /[ \t]\.(data|bss|tdata|tbss)[ \t]/ || /\*COM\*/ || /[ \t]\.(data|bss)\.[^ \t]*[ \t]/ {
		if ($0 !~ /\.data\.rel\.ro/ && / O / && $NF !~ /^(\.L|__odr_asan|__gcov|_ZZ)/ && $NF !~ /^\*?\.LASAN/)
			print file, $NF
	}')
if [ -z "$mutable" ]; then pass 'pure: nothing can be written'; else fail 'pure: nothing can be written' "$mutable"; fi
finish
