/** The direct map with bounce buffers (kernel/dma/direct.c, swiotlb.c of Linux). */
package dev.mapstorm.actors.backend.swiotlb;
