# Composer lists what it installed in installed.json. The packages lie beside the project: what counts is the form of what it writes.
set -eu
command -v composer > /dev/null || exit 69
make() {
  mkdir -p "packages/$1"
  printf '{"name":"acme/%s","version":"%s","description":"A package","license":"MIT","autoload":{"psr-4":{"Acme\\\\":"src/"}}}' "$1" "$2" > "packages/$1/composer.json"
}
mkdir project
cd project
make http 1.1.4
make log v2.0.1
cat > composer.json << 'JSON'
{
  "name": "acme/app",
  "repositories": [
    { "type": "path", "url": "packages/*", "options": { "symlink": false } },
    { "packagist.org": false }
  ],
  "require": { "acme/http": "*", "acme/log": "*" }
}
JSON
COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$PWD/.home composer install --no-interaction --no-cache --quiet >&2
rm -rf .home packages
