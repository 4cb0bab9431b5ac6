#!/bin/bash
# What no widget does: wrong origins, frames, tokens, files, identities; too much of everything.
# $1: the build folder.
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_abuse.py "$1/tenstep"
