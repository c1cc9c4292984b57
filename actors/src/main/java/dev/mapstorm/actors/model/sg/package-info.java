/** The layout of {@code dma_map_sg} in I/O virtual space, as Linux 6.12 computes it. */
package dev.mapstorm.actors.model.sg;
