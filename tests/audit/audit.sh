#!/bin/sh
# audit.sh - lynis on the OS image; what it says has to be in the list of reasons.
#
# usage: audit.sh OS.img BUILD-DIR        (as root, inside the build root)
#
# Lynis runs in the unpacked image, as its Debian package, which is fetched and is not part of the image. It is
# not started there, so findings about running services are not made. Fails when lynis says something that
# tests/audit/reasons does not have.
set -eu
die() { echo "audit.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: audit.sh OS.img BUILD-DIR"
image=$(realpath "$1") out=$2 reasons=$(realpath tests/audit/reasons)
mkdir -p "$out/audit"
cd "$out/audit"
rm -rf tree lynis_*.deb
unsquashfs -quiet -no-progress -d tree "$image" >/dev/null
apt-get -qq update
apt-get -qq download lynis
dpkg-deb -x lynis_*.deb tree
mount --bind /proc tree/proc
trap 'umount tree/proc; rm -rf tree' EXIT
mkdir -p tree/var/log tree/tmp
chroot tree /usr/sbin/lynis audit system --quick --no-colors --quiet >lynis.out 2>&1 ||
	[ -s tree/var/log/lynis-report.dat ] || { tail -20 lynis.out >&2; die "lynis ended without a report"; }
cp tree/var/log/lynis-report.dat report

# "ID text" of each finding; the same test may find several things. Lynis' own age is no finding.
sed -n 's/^\(warning\|suggestion\)\[\]=\([A-Z]*-[0-9]*\)|\([^|]*\)|.*/\2 \3/p' report | sort -u >found
echo "lynis $(sed -n 's/^lynis_version=//p' report): hardening index $(sed -n 's/^hardening_index=//p' report)," \
	"$(wc -l <found) findings"
wrong=0
# shellcheck disable=SC2013 # words, not lines
for id in $(cut -d' ' -f1 found | sort -u); do
	sed -n "s/^$id /  &/p" found
	reason=$(sed -n "s/^$id //p" "$reasons")
	if [ -n "$reason" ]; then
		echo "      left: $reason"
	else
		echo "audit.sh: $id is not in tests/audit/reasons" >&2
		wrong=1
	fi
done
# shellcheck disable=SC2013 # words, not lines
for id in $(grep -oE '^[A-Z]+-[0-9]+' "$reasons"); do
	grep -q "^$id " found || echo "audit.sh: note: $id has a reason and is not found"
done
exit $wrong
