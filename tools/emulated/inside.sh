#!/usr/bin/env bash
# Goes into the board, within the mount namespace that enter.sh has made, and becomes the command.
set -euo pipefail
board="$1" cpuinfo="$2" cpu="$3" environment="$4" count="$5"
shift 5
mount --rbind /proc "$board/proc"
mount --rbind /sys "$board/sys"
mount --rbind /dev "$board/dev"
mount -t tmpfs tmpfs "$board/tmp"
# Libraries choose their kernels by this file; onnxruntime ends where it finds the processor of another architecture.
mount --bind "$cpuinfo" "$board/proc/cpuinfo"
while [ "$count" -gt 0 ]; do
  mkdir -p "$board$1"
  mount --bind "$1" "$board$1"
  shift
  count=$((count - 1))
done
folder="$1"
shift
[ -d "$board$folder" ] || folder=/home/pi
"$board/native/busybox" ip link set lo up 2>/dev/null || true # where there is a network, it is up
exec chroot "$board" /native/busybox env -i \
  PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/pi USER=pi LANG=C.UTF-8 TMPDIR=/tmp QEMU_CPU="$cpu" \
  PYTHONPATH="/opt/edgeproof:/opt/$environment" PYTHONDONTWRITEBYTECODE=1 \
  /native/busybox sh -c 'cd "$1"; shift; exec "$@"' sh "$folder" "$@"
