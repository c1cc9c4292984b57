/** A profile of a machine out of what the kernel's dma_map_benchmark measured on it. */
package dev.mapstorm.load.calibrate;
