/**
 * virtio-iommu as its driver in Linux drives it ({@code drivers/iommu/virtio-iommu.c}): a request
 * for each mapping and unmapping, which the hypervisor carries out. There is no page table.
 */
package dev.mapstorm.actors.model.virtio;
