# Jars as Maven's plugins pack them, and one with others in it, as Spring Boot packs them.
set -eu
command -v mvn jar > /dev/null || exit 69
copy() {
  mvn --batch-mode --quiet dependency:copy -Dartifact="$1" -DoutputDirectory="$2" >&2
}
here=$PWD
mkdir plain fat
copy commons-io:commons-io:2.11.0 "$here/plain"
copy com.google.code.gson:gson:2.8.9 "$here/plain"
copy org.slf4j:slf4j-api:1.7.36 "$here/plain"
work=$(mktemp -d)
mkdir -p "$work/BOOT-INF/lib"
cp plain/slf4j-api-*.jar plain/gson-*.jar "$work/BOOT-INF/lib"
printf 'Main-Class: Main\n' > "$work/manifest"
(cd "$work" && jar --create --no-compress --file "$here/fat/app.jar" --manifest manifest BOOT-INF)
rm -rf "$work"
