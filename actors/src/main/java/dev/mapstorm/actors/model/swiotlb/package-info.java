/** Bounce buffers (kernel/dma/swiotlb.c of Linux 6.12). */
package dev.mapstorm.actors.model.swiotlb;
