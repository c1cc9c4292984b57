/**
 * Wrong use of the DMA API, found in the events of a run: the rules of dma-debug
 * (kernel/dma/debug.c) as far as events tell them, and what it does not look at. {@code load.check}
 * asks the same of kernel traces.
 */
package dev.mapstorm.persistence.check;
