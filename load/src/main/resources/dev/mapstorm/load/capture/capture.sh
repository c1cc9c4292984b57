#!/bin/sh
# Records what devices map for DMA on this machine, and what of the machine decides about it, into one file.
# Made by: mapstorm capture. Needs root, and nothing but a shell and the usual tools; run it with: sudo sh THIS-FILE
#
# It records in a tracing instance of its own, which it removes at the end: other tracing is not disturbed.
# What is recorded: the calls of the DMA API, IOMMU mappings and their invalidation, bounces and faults. No data.
set -eu
PATH=$PATH:/usr/sbin:/sbin
seconds=@SECONDS@
out=@OUT@
for=@FOR@
tool=@TOOL@

fail() {
  echo "capture: $*" >&2
  exit 1
}

fact() {
  echo "# machine: $*"
}

# The first line of a file that may not be there.
first() {
  if [ -r "$1" ]; then head -n 1 "$1"; else echo "${2:-}"; fi
}

[ "$(id -u)" = 0 ] || fail "tracing needs root: sudo sh $0"

# The device that was asked for: a PCI address, or a name such as nvme0, eth0, sda.
device=
if [ -n "$for" ]; then
  for path in "/sys/bus/pci/devices/$for" "/sys/bus/platform/devices/$for" /sys/class/*/"$for"/device /sys/block/"$for"/device; do
    [ -e "$path" ] || continue
    path=$(readlink -f "$path")
    # From a drive or a port up to what is behind an IOMMU or has a mask.
    while [ "$path" != / ] && [ ! -e "$path/iommu_group" ] && [ ! -e "$path/dma_mask_bits" ]; do path=$(dirname "$path"); done
    [ "$path" = / ] || device=$(basename "$path")
    break
  done
  [ -n "$device" ] || fail "there is no device $for: give a PCI address as lspci -D prints it, or a name in /sys/class"
fi

trace=/sys/kernel/tracing
[ -e $trace/trace ] || trace=/sys/kernel/debug/tracing
if [ ! -e $trace/trace ]; then
  trace=/sys/kernel/tracing
  mount -t tracefs tracefs $trace 2>/dev/null || fail "there is no tracefs: the kernel is built without CONFIG_TRACING, or forbids it (lockdown)"
fi
events=
for event in iommu/map iommu/unmap iommu/io_page_fault iommu/add_device_to_group iommu/attach_device_to_domain \
  dma/dma_map_phys dma/dma_map_page dma/dma_map_resource dma/dma_map_sg dma/dma_map_sg_err \
  dma/dma_unmap_phys dma/dma_unmap_page dma/dma_unmap_resource dma/dma_unmap_sg \
  dma/dma_alloc dma/dma_alloc_pages dma/dma_alloc_sgt dma/dma_alloc_sgt_err dma/dma_free dma/dma_free_pages dma/dma_free_sgt \
  swiotlb/swiotlb_bounced \
  intel_iommu/cache_tag_flush_range intel_iommu/cache_tag_flush_all intel_iommu/cache_tag_assign intel_iommu/qi_submit \
  intel_iommu/map_single intel_iommu/unmap_single intel_iommu/map_sg intel_iommu/unmap_sg \
  intel_iommu/bounce_map_single intel_iommu/bounce_unmap_single; do
  if [ -e "$trace/events/$event/enable" ]; then events="$events $event"; fi
done
[ -n "$events" ] || fail "this kernel ($(uname -r)) has no events of DMA: it needs CONFIG_IOMMU_API, or for dma:* Linux 6.12"

own=$trace/instances/mapstorm-$$
mkdir "$own" || fail "no tracing instance can be made in $trace/instances"
stop=
trap 'stop=1' INT TERM
trap 'echo 0 >"$own/tracing_on"; rmdir "$own"; rm -f "$out.dat" "$out.part"' EXIT
cpus=$(ls -d "$own"/per_cpu/cpu* | wc -l)

sum() {
  cat "$own"/per_cpu/cpu*/stats | awk -v name="$1:" '$1 == name { n += $2 } END { printf "%d", n }'
}

# A clock that all CPUs share, and that fio, perf and the kernel's log can be held against.
echo mono >"$own/trace_clock" || fail "the kernel has no trace clock mono (before Linux 3.10?)"
echo 0 >"$own/tracing_on"
echo 512 >"$own/buffer_size_kb"
for event in $events; do echo 1 >"$own/events/$event/enable"; done

# How much room it takes: one second is counted first. The busiest CPU decides, and twice of that.
echo "capture: counting events for a second" >&2
echo 1 >"$own/tracing_on"
sleep 1 || true
echo 0 >"$own/tracing_on"
kb=$(cat "$own"/per_cpu/cpu*/stats | awk -v seconds="$seconds" '
  $1 == "entries:" { entries = $2 }
  $1 == "overrun:" { overrun = $2 }
  $1 == "bytes:" { bytes = $2; if (entries > 0) { need = bytes / entries * (entries + overrun); if (need > most) most = need } }
  END { printf "%d", most * seconds * 2 / 1024 + 1408 }')
free=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
if [ "$kb" -gt $((free / 4 / cpus)) ]; then
  kb=$((free / 4 / cpus))
  echo "capture: $seconds s at this rate need more than a quarter of the free memory: the beginning may be overwritten" >&2
fi

facts() {
  fact "kernel = $(uname -r)"
  fact "arch = $(uname -m)"
  fact "page-size = $(getconf PAGESIZE 2>/dev/null || echo 4096)"
  fact "cpus-possible = $(first /sys/devices/system/cpu/possible)"
  fact "cpus-online = $(first /sys/devices/system/cpu/online)"
  hz=$({ zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null | sed -n 's/^CONFIG_HZ=//p')
  if [ -n "$hz" ]; then fact "hz = $hz"; fi
  for option in $(cat /proc/cmdline); do
    case $option in
      iommu=* | iommu.* | intel_iommu=* | amd_iommu=* | swiotlb=* | arm-smmu* | disable_ddw | nohz_full=* | pci=*) fact "option = $option" ;;
    esac
  done
  dmesg 2>/dev/null | sed -n 's/.*DMA domain TLB invalidation policy: \([a-z]*\) mode.*/# machine: policy = \1/p' | tail -n 1
  dmesg 2>/dev/null | sed -n -e 's/.*software IO TLB: mapped \[mem \(0x[0-9a-f]*\)-\(0x[0-9a-f]*\)\].*/# machine: swiotlb = \1 \2/p' \
    -e 's/.*software IO TLB: area num \([0-9]*\)\..*/# machine: swiotlb-areas = \1/p'
  for unit in /sys/class/iommu/*; do
    [ -e "$unit" ] || continue
    fact "unit = $(basename "$unit") cap $(first "$unit/intel-iommu/cap" -) ecap $(first "$unit/intel-iommu/ecap" -)"
  done
  sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : \(PCI Bus .*\)/# machine: window = 0x\1 0x\2 \3/p' /proc/iomem
  for group in /sys/kernel/iommu_groups/*; do
    [ -e "$group" ] || continue
    fact "group = $(basename "$group") $(first "$group/type" unknown)"
    sed "s/^/# machine: reserved = $(basename "$group") /" "$group/reserved_regions"
  done
  for path in /sys/bus/pci/devices/* /sys/bus/platform/devices/*; do
    if [ ! -e "$path/iommu_group" ] && [ ! -e "$path/dma_mask_bits" ]; then continue; fi
    group=-
    if [ -e "$path/iommu_group" ]; then group=$(basename "$(readlink -f "$path/iommu_group")"); fi
    driver=-
    if [ -e "$path/driver" ]; then driver=$(basename "$(readlink -f "$path/driver")"); fi
    fact "device = $(basename "$path") group $group mask $(first "$path/dma_mask_bits" -) node $(first "$path/numa_node" -1) driver $driver"
  done
  if [ -n "$device" ]; then fact "for = $device"; fi
}

facts >"$out.part"
started=$(cut -d ' ' -f 1 /proc/uptime)
if [ "$tool" = trace-cmd ]; then
  for event in $events; do echo 0 >"$own/events/$event/enable"; done
  set --
  for event in $events; do set -- "$@" -e "$(echo "$event" | tr / :)"; done
  echo "capture: recording for $seconds s with trace-cmd" >&2
  trace-cmd record -q -C mono -b "$kb" -o "$out.dat" "$@" sleep "$seconds" >&2 || [ -n "$stop" ] || fail "trace-cmd failed"
  stopped=$(cut -d ' ' -f 1 /proc/uptime)
  trace-cmd report -l -i "$out.dat" >>"$out.part"
else
  echo "$kb" >"$own/buffer_size_kb"
  echo >"$own/trace"
  echo "capture: recording for $seconds s, $kb KiB a CPU; Ctrl-C ends it early" >&2
  echo 1 >"$own/tracing_on"
  sleep "$seconds" || true
  echo 0 >"$own/tracing_on"
  stopped=$(cut -d ' ' -f 1 /proc/uptime)
  cat "$own/trace" >>"$out.part"
  lost=$(sum overrun)
  fact "overwritten = $lost" >>"$out.part"
  if [ "$lost" -gt 0 ]; then echo "capture: $lost events were overwritten: record fewer seconds" >&2; fi
fi
fact "recorded = $(awk -v from="$started" -v to="$stopped" 'BEGIN { printf "%.1f", to - from }') s" >>"$out.part"
mv "$out.part" "$out"
lines=$(grep -vc '^#' "$out" || true)
[ "$lines" -gt 0 ] || fail "no event in $out: nothing was mapped meanwhile, or DMA here goes without an IOMMU and the kernel is older than 6.12, which has no dma:* events"
echo "capture: $lines events in $out; see what they hold with: mapstorm explain $out" >&2
