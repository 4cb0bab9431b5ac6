#!/bin/bash
# Timers and promised news when the server was down at their moment.  $1: the build folder.
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_time.py "$1/tenstep"
