#!/bin/sh
# Measures what mapstorm calibrate reads. Run it as root on an idle machine, clock fixed (cpupower frequency-set -g performance).
# It unbinds ONE PCI device, which nobody may use meanwhile, gives it to the kernel's dma_map_benchmark (CONFIG_DMA_MAP_BENCHMARK) in
# each mode, and gives it back. Where tool or option of the kernel is missing, its part is left out. It writes to standard output only.
#
#   sh measure.sh 0000:81:00.0 /path/to/dma_map_benchmark [/dev/nvme1n1] > measured.txt
#
# The tool is tools/dma (or tools/testing/selftests/dma) of the kernel. With a drive behind the same unit fio READS it (10 s a mode).
dev=$1; tool=$2; disk=$3
[ -e "/sys/bus/pci/devices/$dev/iommu_group" ] && [ -x "$tool" ] || { echo "usage: $0 PCI-ADDRESS TOOL [DISK]" >&2; exit 2; }
group=$(readlink -f "/sys/bus/pci/devices/$dev/iommu_group")
old=$(readlink -f "/sys/bus/pci/devices/$dev/driver" | sed 's#.*/##')
before=$(cat "$group/type")
traces=/sys/kernel/tracing; latency=/sys/kernel/debug/iommu/intel/dmar_perf_latency
have() { command -v "$1" > /dev/null 2>&1; }
bind() { # $1: a driver, or nothing
  [ -e "/sys/bus/pci/devices/$dev/driver" ] && echo "$dev" > "/sys/bus/pci/devices/$dev/driver/unbind"
  echo "$1" > "/sys/bus/pci/devices/$dev/driver_override"
  [ -n "$1" ] && echo "$dev" > "/sys/bus/pci/drivers/$1/bind"
}
busy() { "$tool" -t 1 -g 1 -s 4 -d 1 > /dev/null & }  # something to look at, strict, one thread
# --- the machine
echo "# machine: kernel = $(uname -r)"
echo "# machine: cpu =$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2)"
for unit in /sys/class/iommu/dmar*; do [ -e "$unit/intel-iommu/cap" ] && echo "# machine: unit = $(basename "$unit") cap $(cat "$unit/intel-iommu/cap") ecap $(cat "$unit/intel-iommu/ecap")"; done
# --- dma_map_benchmark: slopes, beginnings, queues
for type in identity DMA-FQ DMA; do
  bind ""
  echo $type > "$group/type" || continue
  bind dma_map_benchmark
  case $type in
    identity) if grep -q swiotlb=force /proc/cmdline; then echo "# mode bounced"; else echo "# mode passthrough"; fi ;;
    DMA-FQ) echo "# mode lazy" ;;
    DMA) echo "# mode strict" ;;
  esac
  for pages in 1 2 4 8 16 32 64 128 256; do "$tool" -t 1 -g $pages -s 5 -d 1; done
  for threads in 4 8 16 32; do [ "$threads" -le "$(nproc)" ] && "$tool" -t $threads -g 1 -s 5 -d 1; done
done
# --- strict still: what the invalidation in an unmap takes, three ways
if [ -w "$latency" ]; then busy; echo 1 > "$latency"; sleep 2; cat "$latency"; echo 0 > "$latency"; wait; fi
if have bpftrace; then
  for f in qi_submit_sync amd_iommu_domain_flush_pages arm_smmu_cmdq_issue_cmdlist; do
    grep -qw "$f" "$traces/available_filter_functions" || continue
    busy; timeout -s INT 3 bpftrace -e "kprobe:$f{@t[tid]=nsecs} kretprobe:$f/@t[tid]/{@$f=hist(nsecs-@t[tid]);delete(@t[tid])}
      kprobe:iommu_flush_write_buffer{@n[tid]=nsecs} kretprobe:iommu_flush_write_buffer/@n[tid]/{@nothing=hist(nsecs-@n[tid]);delete(@n[tid])}" 2> /dev/null ||
      timeout -s INT 3 bpftrace -e "kprobe:$f{@t[tid]=nsecs} kretprobe:$f/@t[tid]/{@$f=hist(nsecs-@t[tid]);delete(@t[tid])}"; wait
  done
fi
if [ -w "$traces/set_graph_function" ]; then
  echo 6 > "$traces/max_graph_depth"; echo iommu_dma_map_page iommu_dma_map_phys iommu_dma_unmap_page iommu_dma_unmap_phys |
    tr ' ' '\n' | while read -r f; do echo "$f" >> "$traces/set_graph_function" 2> /dev/null; done
  echo function_graph > "$traces/current_tracer"; busy; sleep 1; head -n 20000 "$traces/trace"
  echo nop > "$traces/current_tracer"; : > "$traces/set_graph_function"; echo 0 > "$traces/max_graph_depth"; wait
fi
# --- back to where it was
bind ""
echo "$before" > "$group/type"
echo "" > "/sys/bus/pci/devices/$dev/driver_override"
[ -n "$old" ] && echo "$dev" > "/sys/bus/pci/drivers/$old/bind"
# --- a drive: prices of modes, and page walks while it reads. Its driver is unbound for each change of mode.
[ -n "$disk" ] && have fio || exit 0
disk=$(basename "$disk"); pci=$(readlink -f "/sys/block/$disk/device/device" | sed 's#.*/##')
if grep -q "^/dev/$disk" /proc/mounts /proc/swaps; then echo "/dev/$disk is in use: no fio" >&2; exit 1; fi
dev=$pci; group=$(readlink -f "/sys/bus/pci/devices/$dev/iommu_group"); before=$(cat "$group/type")
driver=$(readlink -f "/sys/bus/pci/devices/$dev/driver" | sed 's#.*/##')
times=0
for type in identity DMA-FQ DMA "$before"; do
  bind ""; echo "$type" > "$group/type"; echo "$driver" > "/sys/bus/pci/devices/$dev/driver_override"
  echo "$dev" > "/sys/bus/pci/drivers/$driver/bind"; echo "" > "/sys/bus/pci/devices/$dev/driver_override"; sleep 3
  [ "$type" = "$before" ] && [ "$times" = 3 ] && break
  case $type in identity) echo "# mode passthrough" ;; DMA-FQ) echo "# mode lazy" ;; DMA) echo "# mode strict" ;; esac
  if [ $type = DMA ] && have perf && [ -e /sys/bus/event_source/devices/dmar0 ]; then
    perf stat -a -x, -I 1000 -e dmar0/iommu_clocks/,dmar0/pw_occupancy/,dmar0/iommu_mrds/,dmar0/iotlb_lookup/,dmar0/iotlb_hit/ sleep 9 2>&1 &
  fi
  fio --name=$type --filename="/dev/$disk" --readonly --rw=randread --bs=4k --direct=1 --ioengine=io_uring --iodepth=128 --cpus_allowed=4 --runtime=10 --time_based --output-format=json; wait
  times=$((times + 1))
done
