#!/bin/sh
# Measures what mapstorm calibrate reads. Run it as root on an idle machine: it unbinds one PCI device, which must not be in use,
# gives it to the kernel's dma_map_benchmark (CONFIG_DMA_MAP_BENCHMARK), and binds it back. It writes to standard output only.
#
#   sh measure.sh 0000:81:00.0 /path/to/dma_map_benchmark > dmb.txt     # the tool: tools/dma or tools/testing/selftests/dma of the kernel
dev=$1; tool=$2
[ -e "/sys/bus/pci/devices/$dev/iommu_group" ] && [ -x "$tool" ] || { echo "usage: $0 PCI-ADDRESS TOOL" >&2; exit 2; }
group=$(readlink -f "/sys/bus/pci/devices/$dev/iommu_group")
old=$(readlink -f "/sys/bus/pci/devices/$dev/driver" | sed 's#.*/##')
before=$(cat "$group/type")
bind() { # $1: a driver, or nothing
  [ -e "/sys/bus/pci/devices/$dev/driver" ] && echo "$dev" > "/sys/bus/pci/devices/$dev/driver/unbind"
  echo "$1" > "/sys/bus/pci/devices/$dev/driver_override"
  [ -n "$1" ] && echo "$dev" > "/sys/bus/pci/drivers/$1/bind"
}
echo "# $(uname -r) $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2)"
for type in identity DMA-FQ DMA; do
  bind ""
  echo $type > "$group/type" || continue
  bind dma_map_benchmark
  case $type in identity) echo "# mode passthrough" ;; DMA-FQ) echo "# mode lazy" ;; DMA) echo "# mode strict" ;; esac
  for threads in 1 4 16; do
    for pages in 1 2 4 8 16 32 64 128 256; do
      "$tool" -t $threads -g $pages -s 5 -d 1
    done
  done
done
bind ""
echo "$before" > "$group/type"
echo "" > "/sys/bus/pci/devices/$dev/driver_override"
[ -n "$old" ] && echo "$dev" > "/sys/bus/pci/drivers/$old/bind"
