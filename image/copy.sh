#!/bin/sh
# copy.sh - copy a tree of our files over another; modes are 755 and 644, owner is root.
#
# usage: copy.sh FROM TO
#
# What the modes in a checkout are depends on the umask of whoever made it.
set -eu
[ $# -eq 2 ] || { echo "usage: copy.sh FROM TO" >&2; exit 1; }
from=$1 to=$2

(cd "$from" && find . -mindepth 1 ! -name .keep | LC_ALL=C sort) | while read -r path; do
	if [ -L "$from/$path" ]; then
		cp -P --no-preserve=ownership "$from/$path" "$to/$path"
	elif [ -d "$from/$path" ]; then
		[ -d "$to/$path" ] || mkdir -m 755 "$to/$path"
	elif [ -x "$from/$path" ]; then
		install -m 755 "$from/$path" "$to/$path"
	else
		install -m 644 "$from/$path" "$to/$path"
	fi
done
