# pip writes dist-info; setuptools writes egg-info as a folder, and eggs as archives.
set -eu
python3 -c 'import ensurepip, pip, venv' || exit 69
pip() { python3 -m pip --disable-pip-version-check --no-input --quiet "$@" >&2; }
target() {
  name=$1; shift
  pip install --no-compile --no-deps --target "$name" "$@"
}
target plain six==1.16.0 itsdangerous==2.1.2
target namespace backports.tarfile==1.0.0 sphinxcontrib-jsmath==1.0.1 typing_extensions==4.12.2
python3 -m venv --without-pip venv
pip --python venv/bin/python3 install --no-compile iniconfig==2.0.0
rm -f venv/bin/python*

work=$(mktemp -d)
python3 -m venv "$work/tools"
pip() { "$work/tools/bin/python3" -m pip --disable-pip-version-check --no-input --quiet "$@" >&2; }
pip install setuptools==70.0.0 wheel==0.43.0
pip download --no-deps --no-binary :all: --no-build-isolation --dest "$work" docopt==0.6.2
tar --extract --directory "$work" --file "$work"/docopt-0.6.2.tar.gz
here=$PWD
cd "$work/docopt-0.6.2"
"$work/tools/bin/python3" setup.py --quiet install --root "$work/root" --single-version-externally-managed --record "$work/record" >&2
"$work/tools/bin/python3" setup.py --quiet bdist_egg --dist-dir "$work/eggs" >&2
cd "$here"
mkdir egg-info egg
cp -R "$(dirname "$(find "$work/root" -name docopt.py)")"/. egg-info
cp "$work"/eggs/*.egg egg
rm -rf "$work" ./*/__pycache__ ./*/*/__pycache__
