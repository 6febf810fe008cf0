#!/bin/sh
# unpack-machine.sh - a recorded machine (tests/fixtures/machines) as the tree palette-install reads.
#
# usage: unpack-machine.sh FILE.tree DIR        (needs neither root nor network)
#
# A line is "path = value" (a file of one line), "path -> target" (a symbolic link), "path/" (an empty
# directory), "path += line" (one more line of a file) or "head NAME BYTES" (the disk's bytes: zeros).
# record-machine.sh makes such a file.
set -eu
die() { echo "unpack-machine.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: unpack-machine.sh FILE.tree DIR"
tree=$1 dir=$2

mkdir -p "$dir/sys/block" "$dir/proc/self" "$dir/heads"
number=0
while IFS= read -r line; do
	number=$((number + 1))
	case $line in
	'' | '#'*) continue ;;
	"head "*)
		# shellcheck disable=SC2086 # three words
		set -- $line
		truncate -s "$3" "$dir/heads/$2.img"
		continue
		;;
	*' -> '*) path=${line%% -> *} value=${line#* -> } kind=link ;;
	*' += '*) path=${line%% += *} value=${line#* += } kind=append ;;
	*' = '*) path=${line%% = *} value=${line#* = } kind=file ;;
	*' =') path=${line% =} value='' kind=file ;;
	*/) path=$line kind=dir ;;
	*) die "$tree line $number: what is that?" ;;
	esac
	mkdir -p "$dir/${path%/*}"
	case $kind in
	link) ln -s "$value" "$dir/$path" ;;
	append) printf '%s\n' "$value" >> "$dir/$path" ;;
	file) printf '%s\n' "$value" > "$dir/$path" ;;
	dir) mkdir -p "$dir/$path" ;;
	esac
done < "$tree"
