#!/bin/bash
# Cancellations while the platform misbehaves in every way, with kills.  $1: the build folder.  In full, with its result kept:
#     python3 tests/system/shop_chat/run_mischief.py build/release/tenstep --rounds 40 --worlds 6 \
#         --result tests/campaign/mischief.txt
cd "$(dirname "$0")/shop_chat" || exit 2
exec /usr/bin/python3 -B run_mischief.py "$1/tenstep" --rounds 1 --worlds 4 --seed "${SEED:-1}"
