# Packages of the machine's own distribution. Their scripts are for a whole system, so dpkg installs them without.
set -eu
command -v dpkg dpkg-deb apt-get > /dev/null || exit 69
work=$(mktemp -d)
cd "$work"
download() { apt-get -qq download base-files hello python3-six liblz4-1 >&2; }
download || { apt-get -qq update >&2 && download; }
cd - > /dev/null
for each in "$work"/*.deb; do
  dpkg-deb --raw-extract "$each" "$work/package"
  rm -f "$work"/package/DEBIAN/p* "$work"/package/DEBIAN/triggers
  (cd "$work/package/usr/share" && rm -rf doc man locale info common-licenses lintian base-files)
  dpkg-deb --build "$work/package" "$each" >&2
  rm -rf "$work/package"
done
set_up() {
  root=$1; shift
  mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
  : > "$root/var/lib/dpkg/status"
  for each in base-files "$@"; do
    dpkg --root="$root" --force-all --install "$work"/"$each"_*.deb >&2
  done
  (cd "$root" && rm -rf var/log dev proc sys run tmp var/lib/dpkg/*-old var/lib/dpkg/lock* var/lib/dpkg/triggers)
}
set_up installed hello python3-six liblz4-1
set_up small liblz4-1
rm -rf "$work"
