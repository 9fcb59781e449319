# shellcheck shell=bash
# The environments of the board: folders under /opt that its Python finds its packages in, from the real aarch64 wheels.

# What each asks pip for, beside the edgeproof wheel.
declare -A packages=(
  [litert]="pytest numpy opencv-python-headless ai-edge-litert onnxruntime"
  [tflite-runtime]="pytest numpy<2 opencv-python-headless<4.12 tflite-runtime"
)
# The same packages on this machine, to compare with.
declare -A counterparts=([litert]=.venv-device [tflite-runtime]=.venv-device-tflite)
quiet=(--quiet --disable-pip-version-check)

# make_counterpart ENVIRONMENT: makes this machine's own; false where there is no Python that its wheels are for.
make_counterpart() {
  local words
  if [ "$1" = tflite-runtime ]; then
    make_tflite_device
    [ -n "${interpreter[${counterparts[$1]}]:-}" ]
  else
    read -ra words <<<"${packages[$1]}"
    make_environment "${counterparts[$1]}" "${words[@]}"
  fi
}

# install_wheels ENVIRONMENT: downloads its aarch64 wheels, and those that building needs nothing for, and unpacks them.
install_wheels() {
  local name="$1" pip words
  pip="$root/.venv-device/bin/python -m pip"
  : >"$pi/$name.txt"
  # The versions of this machine's own: the comparison shall be one of processors, not of releases.
  if make_counterpart "$name"; then
    "$root/${counterparts[$name]}/bin/python" -m pip list --format freeze | grep -viE '^(edgeproof|pip|setuptools)=' >"$pi/$name.txt"
  fi
  read -ra words <<<"$(for_board) ${packages[$name]}"
  echo "downloading the aarch64 wheels of $name …" >&2
  $pip download "${quiet[@]}" -d "$pi/wheels/$name" -c "$pi/$name.txt" "${words[@]}" 2>/dev/null ||
    $pip download -d "$pi/wheels/$name" -c "$pi/$name.txt" "${words[@]}" ||
    fail "expected aarch64 wheels of ${packages[$name]}, received the error above"
  $pip install "${quiet[@]}" --no-warn-conflicts --no-index --find-links "$pi/wheels/$name" --target "$board/opt/$name" "${words[@]}"
}

# for_board: prints pip's options that choose wheels for the board.
for_board() {
  local glibc
  printf -- '--only-binary=:all: --implementation cp'
  printf -- ' --python-version %s' "$(basename "$board"/native/python3.* | sed 's/python//')"
  # Debian 12 has glibc 2.36; of several builds, a Pi takes the one made for the newest, and pip the first named.
  for glibc in 36 35 34 31 28 27 26 17; do printf -- ' --platform manylinux_2_%s_aarch64' "$glibc"; done
  printf -- ' --platform manylinux2014_aarch64'
}

# install_edgeproof: builds our wheel as the files are now, and unpacks it for the board and for this machine alike.
install_edgeproof() {
  local pip="$root/.venv-device/bin/python -m pip" stamp="$pi/.edgeproof"
  [ ! -f "$stamp" ] || [ -n "$(find "$root"/{edge,export,train,workstation,pyproject.toml} -newer "$stamp" -not -name '*.pyc' -type f -print -quit)" ] || return 0
  rm -rf "$board/opt/edgeproof" "$pi"/wheels/edgeproof "$root/build"
  $pip wheel "${quiet[@]}" --no-deps -w "$pi/wheels/edgeproof" "$root"
  $pip install "${quiet[@]}" --no-deps --target "$board/opt/edgeproof" "$pi"/wheels/edgeproof/*.whl
  touch "$stamp"
}
