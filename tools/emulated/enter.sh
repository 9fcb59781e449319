# shellcheck shell=bash
# Runs commands on the board: in a mount namespace of its own, as one processor or another.

as_root=()
[ "$(id -u)" = 0 ] || as_root=(--user --map-root-user)
cpu=cortex-a72
environment=litert
network=()
folders=("$root")

# enter COMMAND…: runs a command on the board, in the folder where this was called. The options are variables: $cpu,
# $environment, $network (--net for none) and $folders, which are seen on the board at their own paths.
enter() {
  unshare "${as_root[@]}" "${network[@]}" --mount bash "$root/tools/emulated/inside.sh" \
    "$board" "$root/tools/emulated/cpuinfo/$cpu" "$cpu" "$environment" "${#folders[@]}" "${folders[@]}" "$PWD" "$@"
}
