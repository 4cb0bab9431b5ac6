# Writes a C file that holds every content file by .incbin, and a table that names them
# (struct embedded_file embedded[], bot/common/embedded.h); then the same of what the server serves, each
# file beside its gzip and its tag (bot/web/assets.h).  Run by the build; see CMakeLists.txt.
set(asm "")
set(table "")
set(n 0)
macro(carry path)
	string(APPEND asm "__asm__(\".section .rodata\\n.global embedded_${n}\\n.global embedded_${n}_end\\n\"\n"
		"\t\"embedded_${n}:\\n.incbin \\\"${path}\\\"\\nembedded_${n}_end:\\n.byte 0\\n.previous\\n\");\n"
		"extern const char embedded_${n}[], embedded_${n}_end[];\n")
endmacro()
macro(embed name path)
	carry("${path}")
	string(APPEND table "\t{\"${name}\", embedded_${n}, embedded_${n}_end},\n")
	math(EXPR n "${n} + 1")
endmacro()
foreach(file ${FILES})
	embed("${file}" "${ROOT}/${file}")
endforeach()

# The dictionary as intents/lexicon.h wants it: lower case, without forms like "dog's", sorted.
file(READ "${DICTIONARY}" words)
string(TOLOWER "${words}" words)
string(REGEX REPLACE "[^\n]*'[^\n]*\n" "" words "${words}")
string(STRIP "${words}" words)
string(REGEX REPLACE "\n+" ";" words "${words}")
list(REMOVE_DUPLICATES words)
list(SORT words)
string(REPLACE ";" "\n" words "${words}")
file(WRITE "${OUT}.dictionary" "${words}\n")
embed("dictionary/en" "${OUT}.dictionary")
file(SHA256 "${OUT}.dictionary" digest)
file(WRITE "${OUT}.dictionary.sha256" "${digest}")
embed("dictionary/en.sha256" "${OUT}.dictionary.sha256")

# The widget's code goes as one file, with what it imports, and without what only people need (esbuild), in words
# that browsers of early 2023 know.  The button is a script; all else are modules.
function(bundle path out)
	set(format esm)
	if(path MATCHES "/widget[.]js$")
		set(format iife)
	endif()
	execute_process(COMMAND ${ESBUILD} --bundle --minify --format=${format} --charset=utf8 --target=es2022
			--log-level=warning "${path}"
		OUTPUT_FILE "${out}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Where a file is served: adapters/widget/js/x is /chat/x, form/x too, the demo page is the root,
# and the page of `tenstep shop` is below /shop/.
set(assets "")
set(n_assets 0)
set(m ${n})
foreach(file ${ASSETS})
	string(REGEX REPLACE "^adapters/widget/(js|form)/" "/chat/" path "${file}")
	string(REGEX REPLACE "^adapters/widget/demo/" "/demo/" path "${path}")
	string(REGEX REPLACE "^/demo/index\\.html$" "/" path "${path}")
	string(REGEX REPLACE "^bot/counter/page/(index\\.html)?" "/shop/" path "${path}")
	string(MAKE_C_IDENTIFIER "${file}" zipped)
	set(carried "${ROOT}/${file}")
	if(file MATCHES "^adapters/widget/js/.*[.]js$")
		set(carried "${OUT}.${zipped}")
		bundle("${ROOT}/${file}" "${carried}")
	endif()
	set(zipped "${OUT}.${zipped}.gz")
	execute_process(COMMAND gzip -9nc "${carried}" OUTPUT_FILE "${zipped}" COMMAND_ERROR_IS_FATAL ANY)
	set(plain ${n})
	carry("${carried}")
	math(EXPR n "${n} + 1")
	carry("${zipped}")
	file(SHA256 "${carried}" digest)
	string(SUBSTRING ${digest} 0 16 digest)
	string(APPEND assets "\t{\"${path}\", embedded_${plain}, embedded_${plain}_end, embedded_${n}, embedded_${n}_end, \"\\\"${digest}\\\"\"},\n")
	math(EXPR n "${n} + 1")
	math(EXPR n_assets "${n_assets} + 1")
endforeach()
file(WRITE ${OUT} "#include \"bot/web/assets.h\"\n#include \"bot/common/embedded.h\"\n\n${asm}\n"
	"const struct embedded_file embedded[] = {\n${table}};\nconst unsigned n_embedded = ${m};\n\n"
	"const struct embedded_asset embedded_asset[] = {\n${assets}\t{0}};\nconst unsigned n_embedded_assets = ${n_assets};\n")
