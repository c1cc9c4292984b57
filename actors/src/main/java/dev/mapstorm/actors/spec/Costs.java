package dev.mapstorm.actors.spec;

/**
 * What each step costs, in virtual nanoseconds, none negative. One figure a step, the only place
 * where time comes from besides the device. The figures and their sources stand in the platform
 * profiles.
 *
 * @param mapCall entering and leaving a mapping call, apart from its parts
 * @param unmapCall entering and leaving an unmapping call, apart from its parts
 * @param directMap mapping one element on a direct map
 * @param rcacheGet taking an IOVA from a CPU's magazines, under L2
 * @param rcachePut putting an IOVA into a CPU's magazines, under L2
 * @param depotExchange swapping a magazine with the depot, under L3
 * @param treeAlloc searching and inserting in the tree without its walk, under L1
 * @param treeStep one tree node stepped over, under L1
 * @param treeFree finding and erasing a tree node, under L1
 * @param ptePrepare descending to the first entry of a run
 * @param pteWrite writing one entry
 * @param pteClear clearing one entry
 * @param tableAlloc allocating and linking one page-table page
 * @param sgSegment laying out one scatterlist segment
 * @param batchAdd adding one range to a batch
 * @param iovaSync {@code dma_iova_sync} where it has nothing to tell the hardware
 * @param flushQueueAdd adding an entry to a flush-queue ring, under L4
 * @param queuePost writing descriptors and the tail register, under L6
 * @param invalidatePages the unit executing a page-selective descriptor
 * @param invalidateDomain the unit executing a domain-selective descriptor
 * @param invalidateWait the unit executing a wait descriptor and the CPU seeing its status write
 * @param iotlbHit translating with an IOTLB hit
 * @param walkRead one page-table read of a page walk
 * @param walkReads reads a walk needs when only the last level misses the paging-structure caches
 * @param submit building a command, apart from mapping
 * @param doorbell the posted write to the doorbell
 * @param interrupt entering and leaving an interrupt, once for all completions it finds
 * @param complete finishing one command, apart from unmapping
 */
public record Costs(
    long mapCall,
    long unmapCall,
    long directMap,
    long rcacheGet,
    long rcachePut,
    long depotExchange,
    long treeAlloc,
    long treeStep,
    long treeFree,
    long ptePrepare,
    long pteWrite,
    long pteClear,
    long tableAlloc,
    long sgSegment,
    long batchAdd,
    long iovaSync,
    long flushQueueAdd,
    long queuePost,
    long invalidatePages,
    long invalidateDomain,
    long invalidateWait,
    long iotlbHit,
    long walkRead,
    long walkReads,
    long submit,
    long doorbell,
    long interrupt,
    long complete) {}
