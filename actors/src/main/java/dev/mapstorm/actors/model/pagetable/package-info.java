/**
 * The page table of a domain and what the IOMMU core of Linux 6.12 does around it ({@code
 * drivers/iommu/iommu.c}): the choice of page sizes and the gathering of ranges to invalidate.
 *
 * <p>{@link dev.mapstorm.actors.model.pagetable.PageTable} reports through objects that the caller
 * owns and uses again; it knows no time, no lock and no cache.
 */
package dev.mapstorm.actors.model.pagetable;
