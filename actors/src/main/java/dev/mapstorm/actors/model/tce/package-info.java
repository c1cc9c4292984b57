/**
 * The DMA API of powerpc over a window of translation control entries (arch/powerpc/kernel/iommu.c
 * and lib/iommu-helper.c of Linux 6.12).
 */
package dev.mapstorm.actors.model.tce;
