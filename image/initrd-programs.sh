#!/bin/sh
# initrd-programs.sh - our programs, the tools they run and their libraries as one cpio archive.
#
# usage: initrd-programs.sh BIN-DIR IMAGE-CONF PUBLIC-KEY OVERLAY OUT.cpio        (inside the build root)
#
# PUBLIC-KEY: what the medium must be signed with, in hex; empty in an unsigned build.
#
# Libraries are those the dynamic linker names; there is no udevd, OpenSSL or cryptsetup in here.
set -eu
die() { echo "initrd-programs.sh: $*" >&2; exit 1; }

[ $# -eq 5 ] || die "usage: initrd-programs.sh BIN-DIR IMAGE-CONF PUBLIC-KEY OVERLAY OUT.cpio"
bin=$1 conf=$2 key=$3 overlay=$4 out=$5
: "${SOURCE_DATE_EPOCH:?must be set: the build has to be reproducible}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

# What busybox is called as: by our programs, and by a person in the rescue shell.
applets='[ ash blkid cat chmod chown chroot clear cp cpio cut date dd df dmesg du echo env false find free grep
	gunzip gzip head hexdump hostname id ip kill ln ls lsmod md5sum mkdir mknod modinfo
	more mount mv ping poweroff printf ps pwd readlink reboot rm rmdir rmmod sed sh
	sha256sum sleep sort stat strings stty sync tail tar test top touch tr true truncate umount
	uname uptime vi wc xargs'
tools='/usr/sbin/mke2fs /usr/sbin/e2fsck /usr/sbin/mkfs.fat /usr/bin/mtools'

mkdir -p "$tree/usr/bin" "$tree/usr/lib" "$tree/etc/palette" "$tree/dev" "$tree/proc" "$tree/sys" \
	"$tree/run" "$tree/tmp" "$tree/sysroot" "$tree/root" "$tree/usr/share/terminfo"
ln -s usr/bin "$tree/bin"
ln -s usr/bin "$tree/sbin"
ln -s usr/lib "$tree/lib"
ln -s usr/lib "$tree/lib64"
ln -s bin "$tree/usr/sbin"

for program in palette-init palette-install palette-console; do
	[ -x "$bin/$program" ] || die "$bin/$program is missing: run 'make programs' first"
	install -m 755 "$bin/$program" "$tree/usr/bin/"
	strip "$tree/usr/bin/$program"
done
ln -s usr/bin/palette-init "$tree/init"
cp /usr/bin/busybox "$tree/usr/bin/"
for applet in $applets; do
	busybox --list | grep -qxF -- "$applet" || die "busybox has no $applet"
	ln -s busybox "$tree/usr/bin/$applet"
done
for tool in $tools; do
	cp "$tool" "$tree/usr/bin/"
done
for name in mcopy mmd mdir mdel mtype; do
	ln -s mtools "$tree/usr/bin/$name"
done
ln -s mke2fs "$tree/usr/bin/mkfs.ext4"

# Libraries, by what the linker says of each program.
for file in "$tree"/usr/bin/*; do
	[ -L "$file" ] || ldd "$file" 2>/dev/null || :
done | awk '/=> \// { print $3 } /^[ \t]*\/lib/ { print $1 }' | sort -u |
	while read -r library; do
		cp -L "$library" "$tree/usr/lib/"
	done
[ -e "$tree/usr/lib/ld-linux-x86-64.so.2" ] || die "the dynamic linker was not found"

# mtools converts names through iconv, from the code page of FAT.
gconv=/usr/lib/x86_64-linux-gnu/gconv
mkdir -p "$tree$gconv"
cp "$gconv/IBM850.so" "$tree$gconv/"
printf '%s\n' 'alias CP850// IBM850//' 'module IBM850// INTERNAL IBM850 1' \
	'module INTERNAL IBM850// IBM850 1' >"$tree$gconv/gconv-modules"

# UTF-8 on the consoles needs the character classes of a UTF-8 locale; nothing else of one.
mkdir -p "$tree/usr/lib/locale/C.utf8"
cp /usr/lib/locale/C.utf8/LC_CTYPE "$tree/usr/lib/locale/C.utf8/"

for terminal in l/linux s/screen v/vt100 v/vt220 x/xterm d/dumb; do
	for base in /usr/share/terminfo /usr/lib/terminfo /lib/terminfo; do
		[ -e "$base/$terminal" ] || continue
		mkdir -p "$tree/usr/share/terminfo/$(dirname "$terminal")"
		cp -L "$base/$terminal" "$tree/usr/share/terminfo/$terminal"
		break
	done
done
cp /etc/mke2fs.conf "$tree/etc/"
install -m 644 "$conf" "$tree/etc/palette/image.conf"
if [ -s "$key" ]; then
	install -m 644 "$key" "$tree/etc/palette/manifest.pub"
fi
echo 'root:*:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
echo 'root:x:0:' >"$tree/etc/group"
image/copy.sh "$overlay" "$tree"

find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort |
	cpio --quiet --reproducible -o -H newc -R 0:0) >"$out"
