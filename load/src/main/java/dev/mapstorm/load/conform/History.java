package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.ReadingNotes;
import dev.mapstorm.load.trace.TracePolicy;
import java.util.List;

/**
 * What a trace tells of its IOVA allocators.
 *
 * @param policy how the machine translated
 * @param cpus one more than the highest CPU that logged an event
 * @param reading what was seen of the file beside its events
 * @param gaps places where the kernel dropped events
 * @param domains the operations of each domain
 * @param unmatchedUnmaps as in {@link TraceConformanceReport}
 * @param unassignedFlushes flushes of domains that no device is known for; left out
 * @param invalidations comparison of the invalidations
 */
record History(
    TracePolicy policy,
    int cpus,
    ReadingNotes reading,
    long gaps,
    List<List<Operation>> domains,
    long unmatchedUnmaps,
    long unassignedFlushes,
    InvalidationConformance invalidations) {}
