package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.ReadingNotes;
import dev.mapstorm.load.trace.TracePolicy;
import java.util.List;

/**
 * What a trace tells of its IOVA allocators.
 *
 * @param policy how the machine translated, as the events show it
 * @param reading what was seen of the file beside its events
 * @param signs what the events tell of the kernel and its allocator
 * @param hasPageTables whether there are page-table events
 * @param startsInTheMiddle whether the file says that earlier events are missing
 * @param gaps line and CPU of each place where the kernel dropped events
 * @param operations all operations, by line
 * @param calls the calls of the DMA API, where the addresses may be those of an {@link AreaSpace}
 * @param invalidations comparison of the invalidations
 */
record History(
    TracePolicy policy,
    ReadingNotes reading,
    TraceSigns signs,
    boolean hasPageTables,
    boolean startsInTheMiddle,
    List<long[]> gaps,
    List<Operation> operations,
    List<DmaCall> calls,
    InvalidationConformance invalidations) {}
