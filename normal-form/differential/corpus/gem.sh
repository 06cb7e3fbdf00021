# RubyGems writes a specification for each gem. The gems are small ones that it builds here: what counts is the form of what it writes.
set -eu
command -v gem > /dev/null || exit 69
work=$(mktemp -d)
build() {
  cat > "$work/$1.gemspec" << GEM
Gem::Specification.new do |s|
  s.name = '$1'
  s.version = '$2'
  s.platform = '$3'
  s.summary = 'A gem'
  s.description = 'The gem $1, with "quotes" and a # sign.'
  s.authors = ['Somebody']
  s.files = []
  s.metadata = { 'source_code_uri' => 'https://example.com' }
  s.add_dependency 'json', '>= 1'
end
GEM
  (cd "$work" && gem build --silent "$1.gemspec" >&2)
}
build rack 2.2.8 ruby
build net-x_y 1.0.0.rc1 ruby
build native-thing 0.3 x86_64-linux
mkdir -p home/gems
gem install --local --force --ignore-dependencies --no-document --install-dir home/gems/3.1.0 "$work"/*.gem >&2
rm -rf "$work" home/gems/3.1.0/cache
