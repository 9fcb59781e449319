# shellcheck shell=bash
# Makes the emulated Raspberry Pi: Debian's arm64 packages and the real aarch64 wheels, unpacked under .pi. Nothing of it
# is installed on this machine, whose apt keeps its own state and architectures.

pi="$root/.pi"
board="$pi/root"
suite=bookworm # which Raspberry Pi OS of that name is built from

# make_board: makes the board unless that was done before.
make_board() {
  local stamp name
  stamp="$(made_stamp)"
  [ -f "$stamp" ] || {
    need_programs
    echo "making $board …" >&2
    rm -rf "$pi"
    mkdir -p "$board"
    download_debian
    unpack_debian
    for name in litert tflite-runtime; do install_wheels "$name"; done
    touch "$stamp"
  }
  install_edgeproof
}

# made_stamp: prints the file that is there where the board was made by these files as they are.
made_stamp() {
  echo "$pi/.made-from-$(cat "$root"/tools/emulated/{make,wheels}.sh "$root/tools/environment.sh" | sha256sum | cut -c1-12)"
}

# check_possible: tells whether the board can be made here.
check_possible() {
  need_programs
  [ -f "$(made_stamp)" ] || read_lists
}

need_programs() {
  local program
  for program in apt-get dpkg dpkg-deb unshare; do
    command -v "$program" >/dev/null ||
      fail "expected $program, received a machine without it; tools/pi runs on Debian and systems made from it"
  done
  unshare "${as_root[@]}" --mount true 2>/dev/null ||
    fail "expected a mount namespace of its own, received a refusal by the kernel; run this as root"
}

# read_lists: has apt read what packages there are for arm64, with a state of its own under .pi. The mirrors are those
# that this machine's own apt uses.
read_lists() {
  local native
  native="$(dpkg --print-architecture)"
  mkdir -p "$pi"/apt/{sources,lists/partial,archives/partial} "$pi/debs"
  touch "$pi/apt/status"
  own_sources /etc/apt
  printf '%s\n' 'APT::Architecture "arm64";' "APT::Architectures { \"arm64\"; \"$native\"; };" \
    'APT::Sandbox::User "";' "Dir::State \"$pi/apt\";" \
    "Dir::State::status \"$pi/apt/status\";" "Dir::Cache \"$pi/apt\";" 'Dir::Etc::SourceList "/dev/null";' \
    "Dir::Etc::SourceParts \"$pi/apt/sources\";" >"$pi/apt/apt.conf"
  # A mirror of somebody else's may well have nothing for arm64.
  APT_CONFIG="$pi/apt/apt.conf" apt-get update -qq || true
  APT_CONFIG="$pi/apt/apt.conf" apt-cache show libstdc++6 >/dev/null ||
    fail "expected lists of Debian's arm64 packages, received none from the mirrors of this machine"
}

# download_debian: fetches the packages of the board, and for this machine the emulator and a shell that needs no
# libraries.
download_debian() {
  local names native
  native="$(dpkg --print-architecture)"
  read_lists
  export APT_CONFIG="$pi/apt/apt.conf"
  # The solver finds what Python needs; apt-get download then takes the files without installing them.
  names="$(apt-get install -s --no-install-recommends python3-venv libstdc++6 libgomp1 | sed -n 's/^Inst \([^ ]*\) .*/\1/p')"
  [ -n "$names" ] || fail "expected the names of arm64 packages, received none; see above"
  # shellcheck disable=SC2086 # names are words
  (cd "$pi/debs" && apt-get download -qq $names "qemu-user-static:$native" "busybox-static:$native") ||
    fail "expected apt-get to download $names, received the error above"
  unset APT_CONFIG
}

# own_sources FOLDER: copies the lists of Debian's mirrors in apt's folder, made to name the suite of the board.
own_sources() {
  local file text
  for file in "$1"/sources.list "$1"/sources.list.d/*.{list,sources}; do
    [ -f "$file" ] && text="$(grep -v '^ *#' "$file")" && [[ $text == *debian* ]] || continue
    sed -E "s/\b(bookworm|trixie|forky|sid|stable|oldstable|testing)\b/$suite/g" <<<"$text" >"$pi/apt/sources/$(basename "$file")"
  done
  [ -n "$(ls "$pi/apt/sources")" ] || fail "expected mirrors of Debian in $1, received none; add one"
}

unpack_debian() {
  local file
  # As Debian has laid out its systems since 2023; packages still ship /bin and /lib.
  mkdir -p "$board"/{usr/{bin,lib,sbin},dev,etc,home/pi,native,opt,proc,root,sys,tmp,var/tmp}
  for file in "$pi"/debs/*_{all,arm64}.deb; do dpkg-deb -x "$file" "$board"; done
  dpkg-deb --fsys-tarfile "$pi"/debs/qemu-user-static_*.deb | tar -xO ./usr/bin/qemu-aarch64-static >"$board/native/qemu-aarch64-static"
  dpkg-deb --fsys-tarfile "$pi"/debs/busybox-static_*.deb | tar -xO ./bin/busybox >"$board/native/busybox"
  chmod +x "$board/native"/*
  wire_commands
}

# wire_commands: the kernel here starts no arm64 program, so each command of the board is one of this machine's: a shell
# of busybox, or a script that starts the emulator. Python thereby starts itself too, in a pipe or a virtual environment.
wire_commands() {
  local name python
  mkdir -p "$board/bin"
  for name in $("$board/native/busybox" --list); do
    [ -e "$board/bin/$name" ] || [ -e "$board/usr/bin/$name" ] || ln -s /native/busybox "$board/bin/$name"
  done
  ln -sf /native/busybox "$board/bin/sh"
  python="$(cd "$board/usr/bin" && ls python3.* | grep -xE 'python3\.[0-9]+')"
  mv "$board/usr/bin/$python" "$board/native/$python"
  printf '#!/native/busybox sh\nexec /native/qemu-aarch64-static -0 "$0" /native/%s "$@"\n' "$python" >"$board/usr/bin/$python"
  chmod +x "$board/usr/bin/$python"
  ln -sf "$python" "$board/usr/bin/python3"
  printf '#!/usr/bin/python3\nimport sys\nfrom edgeproof.edge.cli import main\nsys.exit(main())\n' >"$board/usr/bin/edgeproof"
  chmod +x "$board/usr/bin/edgeproof"
  printf 'root:x:0:0:root:/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n' >"$board/etc/passwd"
}
