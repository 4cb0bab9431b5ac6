#!/bin/bash
# The server dies again and again while buyers write.  $1: the build folder.  In full, with its result kept:
#     python3 tests/system/serve/run_kill.py build/release/tenstep --messages 500 --kills 100 --cancels 40 \
#         --seed N --result tests/campaign/kills.txt
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_kill.py "$1/tenstep" --messages 150 --kills 15 --cancels 4 --seed "${SEED:-1}"
