#!/bin/sh
# initrd-modules.sh - kernel modules of the initrd, or those beyond it, as one cpio archive.
#
# usage: initrd-modules.sh OS-ROOT LIST EXTRA-LIST base|extra OUT.cpio        (inside the build root)
#
# base: what LIST selects, without what EXTRA-LIST names. extra: what EXTRA-LIST selects besides, the firmware those
# modules ask for, and the index of both: unpacked over base, all of them are there.
#
# Modules are unpacked, so that the archive's own compression sees them, and never stripped: the
# kernel checks their signatures under Secure Boot.
set -eu
die() { echo "initrd-modules.sh: $*" >&2; exit 1; }

[ $# -eq 5 ] || die "usage: initrd-modules.sh OS-ROOT LIST EXTRA-LIST base|extra OUT.cpio"
os=$1 list=$2 extra_list=$3 part=$4 out=$5
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
version=$(basename "$os"/usr/lib/modules/*)
from=$os/usr/lib/modules/$version
[ -f "$from/modules.dep" ] || die "$from has no modules.dep"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
to=$work/tree/usr/lib/modules/$version
mkdir -p "$to"

selected() { # LIST: all names of it, then everything they depend on, as paths below $from
	awk -v dep="$from/modules.dep" '
	function base(path) {
		sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/_/, "-", path)
		return path
	}
	function take(path,   i, n, parts) {
		if (path in taken || base(path) in left_out) return
		taken[path] = 1
		n = split(deps[path], parts, " ")
		for (i = 1; i <= n; i++) take(parts[i])
	}
	BEGIN {
		while ((getline line < dep) > 0) {
			colon = index(line, ":")
			path = substr(line, 1, colon - 1)
			deps[path] = substr(line, colon + 2)
			by_name[base(path)] = path
		}
	}
	{ sub(/#.*/, ""); gsub(/[ \t]/, "") }
	/^$/ { next }
	/^-/ { name = substr($0, 2); gsub(/_/, "-", name); left_out[name] = 1; next }
	{ wanted[++n_wanted] = $0 }
	END {
		for (w = 1; w <= n_wanted; w++) {
			name = wanted[w]
			if (name ~ /\/$/) {
				for (path in deps)
					if (index(path, "kernel/" name) == 1) take(path)
			} else {
				gsub(/_/, "-", name)
				if (name in by_name) take(by_name[name])
			}
		}
		for (path in taken) print path
	}' "$1" | LC_ALL=C sort
}

unpack() { # PATHS: into the tree
	while read -r path; do
		mkdir -p "$to/$(dirname "$path")"
		case $path in
		*.xz) xz -dc "$from/$path" >"$to/${path%.xz}" ;;
		*.zst) zstd -qdc "$from/$path" >"$to/${path%.zst}" ;;
		*) cp "$from/$path" "$to/$path" ;;
		esac
	done <"$1"
}

firmware() { # what the unpacked modules may ask for, where the OS has it
	while read -r path; do
		modinfo -F firmware "$to/${path%.[xz]*}"
	done <"$work/extra" | LC_ALL=C sort -u | while read -r name; do
		[ -f "$os/usr/lib/firmware/$name" ] || continue
		mkdir -p "$(dirname "$work/tree/usr/lib/firmware/$name")"
		cp -L "$os/usr/lib/firmware/$name" "$work/tree/usr/lib/firmware/$name"
	done
}

{ cat "$list"; sed 's/^[^#[:space:]]/-&/' "$extra_list"; } >"$work/list"
selected "$work/list" >"$work/base"
[ -s "$work/base" ] || die "$list selects no module of $version"
unpack "$work/base"
if [ "$part" = extra ]; then
	selected "$extra_list" | LC_ALL=C comm -13 "$work/base" - >"$work/extra"
	[ -s "$work/extra" ] || die "$extra_list selects no module of $version"
	unpack "$work/extra"
	firmware
fi
cp "$from/modules.builtin" "$from/modules.order" "$to/"
depmod -b "$work/tree/usr" "$version" 2>/dev/null || depmod -b "$work/tree" "$version"
# palette-init reads these two alone.
find "$to" -maxdepth 1 -type f ! -name modules.dep ! -name modules.alias -delete
if [ "$part" = extra ]; then
	while read -r path; do
		rm "$to/${path%.[xz]*}"
	done <"$work/base"
	find "$work/tree" -type d -empty -delete
fi

find "$work/tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
(cd "$work/tree" && find . -mindepth 1 | LC_ALL=C sort |
	cpio --quiet --reproducible -o -H newc -R 0:0) >"$out"
