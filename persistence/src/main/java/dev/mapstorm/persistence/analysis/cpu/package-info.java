/** What the DMA API takes of the CPUs. */
package dev.mapstorm.persistence.analysis.cpu;
