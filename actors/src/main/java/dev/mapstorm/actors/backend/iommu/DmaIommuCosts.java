package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.spec.PerItem;

/**
 * What the steps of dma-iommu cost, in virtual nanoseconds, none negative.
 *
 * @param rcacheGet taking an IOVA from a CPU's magazines, under L2
 * @param rcachePut putting an IOVA into a CPU's magazines, under L2
 * @param depotExchange swapping a magazine with the depot, under L3, whose line comes apart
 * @param treeAlloc searching and inserting in the tree without its walk, under L1
 * @param treeStep one tree node stepped over, under L1
 * @param treeFree finding and erasing a tree node, under L1
 * @param sgSegment laying out one scatterlist segment
 * @param batchAdd adding one range to a batch
 * @param iovaSync {@code dma_iova_sync} apart from what the units are told
 * @param flushQueueAdd adding an entry to a flush-queue ring, under L4
 */
public record DmaIommuCosts(
    long rcacheGet,
    long rcachePut,
    long depotExchange,
    long treeAlloc,
    long treeStep,
    long treeFree,
    PerItem sgSegment,
    PerItem batchAdd,
    long iovaSync,
    long flushQueueAdd) {}
