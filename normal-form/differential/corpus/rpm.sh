# Small packages that rpmbuild makes, in the database that rpm writes today. The rpm of Debian writes no other one.
set -eu
command -v rpm rpmbuild > /dev/null || exit 69
work=$(mktemp -d)
make() {
  cat > "$work/$1.spec" << SPEC
Name: $1
${2:+Epoch: $2}
Version: $3
Release: $4
Summary: A package
License: MIT
Vendor: $5
BuildArch: noarch
%description
A package.
%install
mkdir -p %{buildroot}/usr/lib/$1
echo $1 > %{buildroot}/usr/lib/$1/data
%files
/usr/lib/$1
SPEC
  rpmbuild -bb --quiet --define "_topdir $work/top" "$work/$1.spec" >&2
}
make openssl-libs 1 3.0.7 27.amzn2023 'Amazon Linux'
make zlib '' 1.2.11 33.amzn2023.0.5 'Amazon Linux'
make epel-tool '' 0.1 1.el9 'Fedora Project'
root=$PWD/sqlite
mkdir -p "$root/etc" "$root/var/lib/rpm"
echo 'Amazon Linux release 2023 (Amazon Linux)' > "$root/etc/system-release"
printf 'NAME="Amazon Linux"\nID="amzn"\nVERSION_ID="2023"\n' > "$root/etc/os-release"
rpm --root "$root" --define '_dbpath /var/lib/rpm' --define '_db_backend sqlite' --install --nodeps --nosignature "$work"/top/RPMS/noarch/*.rpm >&2
rm -f "$root"/var/lib/rpm/.*lock
rm -rf "$work"
