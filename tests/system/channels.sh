#!/bin/bash
# The chat without JavaScript and Rasa's REST channel, from outside.  $1: the build folder
here=$(dirname "$0")
status=0
for name in form rasa; do
	python3 "$here/channels/run_$name.py" "$1/tenstep" || status=1
done
exit $status
