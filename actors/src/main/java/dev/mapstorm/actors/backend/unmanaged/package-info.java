/**
 * The IOMMU API: domains whose addresses their clients choose ({@code IOMMU_DOMAIN_UNMANAGED}), as
 * VFIO, iommufd and GPU drivers use them. drivers/iommu/iommu.c of Linux 6.12.
 */
package dev.mapstorm.actors.backend.unmanaged;
