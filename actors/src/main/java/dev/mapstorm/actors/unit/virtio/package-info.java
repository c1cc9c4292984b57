/** virtio-iommu: a unit that a hypervisor emulates, and what its driver does for a domain. */
package dev.mapstorm.actors.unit.virtio;
