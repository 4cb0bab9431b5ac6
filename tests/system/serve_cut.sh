#!/bin/bash
# The connection breaks after every so many bytes of a chat.  $1: the build folder.  After every byte, with
# the result kept:
#     python3 tests/system/serve/run_cut.py build/release/tenstep --result tests/campaign/cuts.txt
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_cut.py "$1/tenstep" --every "${EVERY:-10}"
