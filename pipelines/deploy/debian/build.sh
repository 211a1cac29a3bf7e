#!/bin/bash
# Makes the Debian package from a finished build: build.sh OUTPUT-FOLDER [VERSION]. Called by make deb.
# DEBFULLNAME and DEBEMAIL name the maintainer, as in Debian's own tools.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
output=$(realpath "$1")
version=${2:-$("$root/.build/release/assay" --version)}
maintainer="${DEBFULLNAME:-Assay developers} <${DEBEMAIL:-$(whoami)@$(hostname)}>"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
tree=$stage/debian/assay

make --no-print-directory -C "$root" install DESTDIR="$tree" PREFIX=/usr UNITS=/lib/systemd/system \
  ZSH=/usr/share/zsh/vendor-completions STRIP=-s
# The package makes the user itself.
rm -r "$tree/usr/lib/sysusers.d"
mkdir -p "$tree/DEBIAN" "$tree/var/lib/assay"
install -m 755 "$here"/{postinst,prerm,postrm} "$tree/DEBIAN/"
(cd "$tree" && find etc -type f -printf '/%p\n' | sort) >"$tree/DEBIAN/conffiles"
install -m 644 "$here/copyright" "$tree/usr/share/doc/assay/copyright"
printf 'assay (%s) bookworm; urgency=medium\n\n  * Built from the source tree.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(date -R -d "@$(stat -c %Y "$root/.build/release/assay")")" |
  gzip -9n >"$tree/usr/share/doc/assay/changelog.gz"
gzip -9n "$tree"/usr/share/man/man1/*.1
install -D -m 644 "$here/lintian-overrides" "$tree/usr/share/lintian/overrides/assay"

printf 'Source: assay\n\nPackage: assay\nArchitecture: any\nDepends: ${shlibs:Depends}\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O debian/assay/usr/bin/assay 2>"$stage/log" | sed 's/^shlibs:Depends=//') ||
  { cat "$stage/log" >&2; exit 1; }
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$(dpkg --print-architecture)/" -e "s/@DEPENDS@/$depends/" \
  -e "s/@MAINTAINER@/$maintainer/" \
  -e "s/@SIZE@/$(du -sk --exclude=DEBIAN "$tree" | cut -f1)/" "$here/control" >"$tree/DEBIAN/control"
(cd "$tree" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
chmod -R u=rwX,go=rX "$tree"
mkdir -p "$output"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$output/assay_${version}_$(dpkg --print-architecture).deb"
