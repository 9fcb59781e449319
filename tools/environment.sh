# shellcheck shell=bash
# Makes the virtual environments of this checkout; the other tools source it.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() {
  echo "error: $*" >&2
  exit 2
}

# find_python: prints a Python of 3.10 or newer that can make virtual environments.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.10; do
    [ -n "$candidate" ] || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue
    "$candidate" -c 'import ensurepip, venv' 2>/dev/null ||
      fail "expected Python's venv module, received a Python without it: sudo apt install python3-venv"
    echo "$candidate"
    return
  done
  fail "expected Python 3.10 or newer, received none: sudo apt install python3 python3-venv"
}

# find_version VERSION: prints a Python of exactly this version ("3.13"), pyenv's too; fails where there is none.
find_version() {
  local candidate
  for candidate in python3 "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python3; do
    "$candidate" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null ||
      continue
    echo "$candidate"
    return
  done
  return 1
}

# make_environment FOLDER PIP-ARGUMENT…: makes a virtual environment and installs into it, unless that was done before.
# Several calls for one folder add to it; a changed pyproject.toml makes it anew. PYTHON=… before it chooses a Python.
make_environment() {
  local folder="$root/$1" stamp python
  shift
  stamp="$folder/.made-from-$(cat "$root/pyproject.toml" "$root/tools/environment.sh" | sha256sum | cut -c1-12)"
  if [ ! -f "$stamp" ]; then
    python="$(find_python)" || exit 2
    echo "making $folder with $("$python" --version) …" >&2
    rm -rf "$folder"
    "$python" -m venv "$folder" || fail "expected a virtual environment, received none; see above"
    touch "$stamp"
  fi
  if ! grep -qxF -- "$*" "$stamp"; then
    echo "installing $* …" >&2
    (cd "$root" && "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@") ||
      fail "expected pip to install $*, received the error above"
    echo "$*" >>"$stamp"
  fi
}

# make_device FOLDER VERSION INTERPRETER PIP-ARGUMENT…: makes a device's environment and notes its one interpreter in
# `interpreter`; leaves it out, saying so, where this Python is not to be had.
declare -A interpreter
make_device() {
  local python
  if ! python="$(find_version "$2")"; then
    echo "no Python $2 here: the tests of $3 in $1 are left out" >&2
    return
  fi
  PYTHON="$python" make_environment "$1" pytest "${@:4}"
  interpreter["$1"]="$3"
}

# make_tflite_device: makes the device of tflite-runtime alone, which has wheels for Python up to 3.11. The emulated board
# is held against it too.
make_tflite_device() {
  make_device .venv-device-tflite 3.11 tflite-runtime '.[tflite-runtime]'
}

# install_debian PACKAGE…: installs those of Debian's packages that are missing, where this is root's machine.
install_debian() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  echo "installing ${missing[*]} …" >&2
  for package in "${missing[@]}"; do # one by one, because one that is not to be had shall not cost the others
    { apt-get install -y -q --no-install-recommends "$package" ||
      { apt-get update -q && apt-get install -y -q --no-install-recommends "$package"; }; } >/dev/null 2>&1 ||
      echo "$package could not be installed: the tests that need it are skipped" >&2
  done
}
