# What follows is the same in every bundle; the lines above it say what this one holds.
set -eu

fail() {
  echo "error: $*" >&2
  exit 2
}

usage="usage: sh install [FOLDER]   (FOLDER: ${HOME:-/root}/edgeproof, or /opt/edgeproof for root)"
case "${1:-}" in -h | --help) echo "$usage" && exit 0 ;; -*) fail "expected a folder, received $1; $usage" ;; esac
[ $# -le 1 ] || fail "expected one folder, received $#; $usage"

if [ $# -eq 1 ]; then folder=$1; elif [ "$(id -u)" = 0 ]; then folder=/opt/edgeproof; else folder=$HOME/edgeproof; fi
mkdir -p "$folder" || fail "expected a folder that can be made, received $folder; name another: sh install FOLDER"
folder=$(cd "$folder" && pwd)
[ -w "$folder" ] || fail "expected a folder that can be written to, received $folder; name another: sh install FOLDER"
cd "$(dirname "$0")"

# 1. The bundle came here whole.
sha256sum -c SHA256SUMS >/dev/null || fail "expected the files that SHA256SUMS lists, received others; copy the bundle again"

# 2. This is the device that it was made for.
python=${PYTHON:-}
for candidate in "python$version" python3; do
  [ -n "$python" ] || python=$(command -v "$candidate") || true
done
[ -n "$python" ] || fail "expected Python $version, received none; install it, or say where it is: PYTHON=… sh install"
found=$("$python" -c 'import platform, struct, sys
print("%d.%d" % sys.version_info[:2], 8 * struct.calcsize("P"), platform.machine())') ||
  fail "expected a Python that runs, received $python"
wanted=no
for machine in $machines; do
  if [ "$found" = "$version $bits $machine" ]; then wanted=yes; fi
done
[ $wanted = yes ] ||
  fail "expected Python $version, $bits bits, on $machines for $target, received $found; make a bundle for this device"

# 3. The environment, without a network: pip runs from its own wheel, so that Debian's python3-venv is not needed. What
#    was there before comes back if this does not end well.
venv=$folder/venv
undo() {
  rm -rf "$venv"
  if [ -d "$venv.before" ]; then mv "$venv.before" "$venv"; fi
}
trap 'undo' EXIT
trap 'exit 2' INT TERM HUP
if [ -d "$venv.before" ]; then # an installation was cut off, by a loss of power say
  rm -rf "$venv"
elif [ -d "$venv" ]; then
  mv "$venv" "$venv.before"
fi
echo "installing into $folder …"
"$python" -m venv --without-pip $venv_options "$venv" || fail "expected a virtual environment, received the error above"
pip() { "$venv/bin/python" "$pip_wheel/pip" --isolated --disable-pip-version-check --no-input "$@"; }
# The wheels are exactly what this device needs, so nothing is left to be looked for.
# shellcheck disable=SC2046 # names of wheels have no blanks
pip install --quiet --no-index --no-deps --no-cache-dir --no-warn-script-location $wheels ||
  fail "expected wheels that install here, received the error above"
if [ -z "$venv_options" ]; then # what apt installed is not ours to judge
  broken=$(pip check) || fail "expected every package to find what it needs, received $broken"
fi

# 4. The model: this device checks who signed it, says what it is, and repeats the proof.
edgeproof=$venv/bin/edgeproof
asked=
set --
for key in $keys; do
  asked="$asked --require-signature $folder/$key"
  set -- "$@" --require-signature "./$key"
done
if [ "$contract" = yes ]; then
  "$edgeproof" info "./$model" "$@"
  if "$edgeproof" --help | grep -q '^  check '; then "$edgeproof" check "./$model" "$@"; fi
else
  "$edgeproof" --version
fi
[ -z "$keys" ] || mkdir -p "$folder/keys"
for file in $keys "$model"; do
  cp "./$file" "$folder/$file.new"
  mv "$folder/$file.new" "$folder/$file"
done
trap - EXIT
rm -rf "$venv.before"

cat <<END

installed. To start it:
  $edgeproof run $folder/$model $proposal$asked
or as a service, from now on and after every start of the machine:
  sudo $edgeproof service install $folder/$model $proposal$asked
END
