#!/bin/bash
# Fuzzes every target for a while and writes down what came of it:
#
#   tests/fuzz/campaign.sh SECONDS [SEED]      (each target; results in tests/fuzz/campaign.txt)
#
# Needs clang and libclang-rt-14-dev.  What is found new grows in build/fuzz/corpus, not in the repository; a crash
# leaves its input in build/fuzz and a line "FAILED".
set -u
seconds=${1:?how many seconds each target}
seed=${2:-1}
top=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$top" || exit 2
cmake --preset fuzz >/dev/null && cmake --build --preset fuzz >/dev/null || exit 2
out=tests/fuzz/campaign.txt
{
	date -u '+date    %Y-%m-%d'
	echo "commit  $(git rev-parse --short HEAD)"
	echo "seed    $seed, $seconds s a target, ASan and UBSan"
} >"$out"
status=0
cd build/fuzz || exit 2
for source in ../../tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	corpus=${name#fuzz_}
	mkdir -p "corpus/$corpus"
	if tests/"$name" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -artifact_prefix="$name-" \
		"corpus/$corpus" "../../tests/fuzz/corpus/$corpus" >"$name.log" 2>&1; then
		result=ok
	else
		result=FAILED
		status=1
	fi
	runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$name.log")
	printf '%-22s %12s runs  %s\n' "$name" "${runs:-?}" "$result" >>"../../$out"
done
cat "../../$out"
exit $status
