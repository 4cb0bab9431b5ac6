# Writes a C file that holds every content file by .incbin, and a table that names them
# (struct embedded_file embedded[], bot/app/content.h).  Run by the build; see CMakeLists.txt.
set(asm "")
set(table "")
set(n 0)
macro(embed name path)
	string(APPEND asm "__asm__(\".section .rodata\\n.global embedded_${n}\\n.global embedded_${n}_end\\n\"\n"
		"\t\"embedded_${n}:\\n.incbin \\\"${path}\\\"\\nembedded_${n}_end:\\n.byte 0\\n.previous\\n\");\n"
		"extern const char embedded_${n}[], embedded_${n}_end[];\n")
	string(APPEND table "\t{\"${name}\", embedded_${n}, embedded_${n}_end},\n")
	math(EXPR n "${n} + 1")
endmacro()
foreach(file ${FILES})
	embed("${file}" "${ROOT}/${file}")
endforeach()
embed("dictionary/en" "${DICTIONARY}")
file(WRITE ${OUT} "#include \"bot/app/embedded.h\"\n\n${asm}\n"
	"const struct embedded_file embedded[] = {\n${table}};\nconst unsigned n_embedded = ${n};\n")
