/** Backends of domains: who answers the DMA API ({@code struct dma_map_ops} of Linux). */
package dev.mapstorm.actors.backend;
