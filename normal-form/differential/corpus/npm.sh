# npm lays packages out flat, nested where versions differ, and as links into a store.
set -eu
command -v npm > /dev/null || exit 69
install() {
  name=$1; shift
  mkdir "$name"
  npm install --prefix "$name" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error "$@" >&2
}
install nested mkdirp@0.5.1 minimist@1.2.8 ms@2.1.3
install scoped @sindresorhus/is@4.6.0 @npmcli/name-from-folder@2.0.0 isarray@2.0.5
install linked --install-strategy=linked once@1.4.0 ini@1.3.8
