#!/bin/bash
# The chat behind nginx, with the configuration that bot/app/PROXY.md shows.  $1: the build folder.
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_proxy.py "$1/tenstep"
