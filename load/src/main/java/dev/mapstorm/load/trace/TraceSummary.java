package dev.mapstorm.load.trace;

import java.util.List;

/**
 * What a trace holds, and what of it could not be made into requests.
 *
 * @param devices in order of appearance
 * @param cpus one more than the highest CPU that logged an event
 * @param startNs first timestamp
 * @param endNs last timestamp
 * @param reading what was seen of the file beside its events
 * @param maps requests that map
 * @param unmaps requests that take a map back
 * @param policy how the machine translated
 * @param gaps places where the kernel dropped events
 * @param lostEvents events it dropped there
 * @param presumedUnmaps unmaps, counted in {@code unmaps}, that fell into a gap: the address was
 *     mapped again
 * @param standingMaps maps, counted in {@code maps}, from before the trace, which an unmap tells
 * @param unmatchedUnmaps unmaps of what was not mapped in the trace, nor surely before it; left out
 * @param unmatchedPageTableWrites page-table writes that no {@code dma:*} event claims, such as
 *     those of the two-step IOVA calls; left out, unless {@code unnamedMaps} says otherwise
 * @param listsWithoutLengths scatter lists whose segment lengths the trace does not tell; left out
 * @param failedCalls DMA calls that failed; nothing was mapped, so they are no requests
 * @param oversizeMaps mappings of no bytes, which no client can repeat; left out
 * @param unnamedMaps maps of the DMA API made of page-table writes that no {@code dma:*} event
 *     claims
 * @param unnamedUnmaps unmaps of these
 * @param iommuMaps maps of the IOMMU API, likewise
 * @param iommuUnmaps unmaps of these
 */
public record TraceSummary(
    List<DeviceSummary> devices,
    int cpus,
    long startNs,
    long endNs,
    ReadingNotes reading,
    long maps,
    long unmaps,
    TracePolicy policy,
    long gaps,
    long lostEvents,
    long presumedUnmaps,
    long standingMaps,
    long unmatchedUnmaps,
    long unmatchedPageTableWrites,
    long listsWithoutLengths,
    long failedCalls,
    long oversizeMaps,
    long unnamedMaps,
    long unnamedUnmaps,
    long iommuMaps,
    long iommuUnmaps) {}
