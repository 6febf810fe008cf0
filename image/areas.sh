#!/bin/sh
# areas.sh - digests of all that is on an ISO besides the files of its manifest, written into the ISO.
#
# usage: areas.sh MANIFEST ISO        (inside the build root; image/hybrid.sh)
#
# The ISO has a file palette/areas, zeros, which gets "SHA-256 OFFSET BYTES NAME" of each area, then blank lines, and
# in its last line the digest of its own bytes before. With the manifest's files and with itself they are
# the whole ISO. image/lib/isoareas.py writes the same for an ISO made to order.
set -eu
die() { echo "areas.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: areas.sh MANIFEST ISO"
manifest=$1 iso=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

extents() { # OFFSET BYTES PATH of each file, and of the EFI partition
	xorriso -indev "stdio:$iso" -report_system_area plain -find / -type f -exec report_lba -- \
		>"$work/report" 2>"$work/log" || { cat "$work/log" >&2; die "$iso cannot be read"; }
	sed -n "s/^File data lba: *\([0-9]*\) , *\([0-9]*\) , *[0-9]* , *\([0-9]*\) , '\/\(.*\)'\$/\1 \2 \3 \4/p" "$work/report" |
		awk '$1 > 0 { exit 1 } $3 > 0 { printf "%.0f %.0f %s\n", $2 * 2048, $3, $4 }'
	awk '/^GPT start and size : *2 / { printf "%.0f %.0f EFI-partition\n", $7 * 512, $8 * 512 }' "$work/report"
}

areas() { # OFFSET BYTES NAME of what is in no listed file
	{
		sed -n 's/^file = [0-9a-f]* [0-9]* /listed /p' "$manifest"
		echo 'listed palette/areas'
		sort -n "$work/extents"
	} | awk -v end="$(stat -c %s "$iso")" '
		function area(from, to, name) { if (to > from) printf "%.0f %.0f %s\n", from, to - from, name }
		$1 == "listed" { listed[$2] = 1; next }
		{
			area(at, $1, at ? "behind " last : "beginning")
			if (!($3 in listed))
				area($1, $1 + $2, $3)
			at = $1 + $2
			last = $3
		}
		END { area(at, end, "end") }'
}

extents >"$work/extents"
grep -q ' EFI-partition$' "$work/extents" || die "$iso has no EFI partition"
areas >"$work/areas"
while read -r offset bytes name; do
	digest=$(dd if="$iso" bs=1M iflag=skip_bytes,count_bytes skip="$offset" count="$bytes" status=none | sha256sum)
	echo "${digest%% *} $offset $bytes $name"
done <"$work/areas" >"$work/text"
# shellcheck disable=SC2046 # two numbers
set -- $(sed -n 's/ palette\/areas$//p' "$work/extents")
[ $# -eq 2 ] || die "$iso has no palette/areas"
room=$(($2 - 65 - $(stat -c %s "$work/text")))
[ "$room" -ge 0 ] || die "palette/areas has $2 bytes; $((-room)) more are needed"
head -c "$room" /dev/zero | tr '\0' '\n' >>"$work/text"
sha256sum "$work/text" | cut -d' ' -f1 >"$work/digest"
cat "$work/text" "$work/digest" |
	dd of="$iso" bs=1M oflag=seek_bytes seek="$1" conv=notrunc status=none
