/** The direct map (kernel/dma/direct.c of Linux): no IOMMU, no mapping. */
package dev.mapstorm.actors.backend.direct;
