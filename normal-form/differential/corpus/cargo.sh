# cargo-auditable puts the list of its crates into a program. It has to be built first, which takes a while.
set -eu
command -v cargo > /dev/null || exit 69
command -v cargo-auditable > /dev/null || exit 69
work=$(mktemp -d)
here=$PWD
mkdir -p linux "$work/src"
cat > "$work/Cargo.toml" << 'TOML'
[package]
name = "small"
version = "0.1.0"
edition = "2021"
[dependencies]
itoa = "=1.0.9"
[profile.release]
strip = true
opt-level = "z"
TOML
printf 'fn main() { println!("{}", itoa::Buffer::new().format(1u8)); }\n' > "$work/src/main.rs"
cd "$work"
cargo auditable build --release --quiet >&2
cp target/release/small "$here/linux/small"
rm -rf "$work"
