/**
 * What is said in a simulated machine: value types, ids, the messages of each actor and the events
 * of the journal with their wire form. Nothing here behaves.
 *
 * <p>Ids are plain {@code int}s that count from zero within one host: clients (DMA clients, one
 * driver queue each), devices, domains, IOMMU units and CPUs. Times are virtual nanoseconds since
 * the start of the run; addresses and lengths are bytes unless a name says {@code pfn} or {@code
 * pages}, which count granules of 4 KiB.
 */
package dev.mapstorm.protocol;
