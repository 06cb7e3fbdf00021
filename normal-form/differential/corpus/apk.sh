# No registry of packages has apk, so this writes what apk-tools 2 write: fields of an index, then the folders and files of each package.
set -eu
system() {
  root=$1
  mkdir -p "$root/lib/apk/db" "$root/etc/apk"
  printf '3.22.1\n' > "$root/etc/alpine-release"
  printf 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n' > "$root/etc/os-release"
  printf 'https://mirror.example.com/alpine/v3.22/main\n' > "$root/etc/apk/repositories"
  package musl 1.2.5-r10 musl
  package libssl3 3.5.1-r0 openssl
  package busybox 1.37.0-r18 busybox
}
package() {
  cat >> "$root/lib/apk/db/installed" << DB
C:Q1p78yvTLG094tHE1+dToJGbmYzQE=
P:$1
V:$2
A:x86_64
S:1000
I:2000
T:the package $1
U:https://example.com/
L:MIT
o:$3
m:Somebody <somebody@example.com>
t:1750000000
c:b8dff8ee0a8fa9ee9e4fcd4cbd1a1e8e4c6a7e4f
D:so:libc.musl-x86_64.so.1
p:so:lib$1.so.1=1
F:lib
R:lib$1.so.1
a:0:0:755
Z:Q1pqVYmvcIVEnXsTcRxhrILVkDFr0=

DB
}
system alpine
