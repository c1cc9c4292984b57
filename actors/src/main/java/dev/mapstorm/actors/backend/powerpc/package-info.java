/** The DMA API of powerpc over a window of TCEs (arch/powerpc/kernel/iommu.c of Linux). */
package dev.mapstorm.actors.backend.powerpc;
