package dev.mapstorm.actors.spec;

/**
 * What the steps cost that all machines have, in virtual nanoseconds, none negative. One figure a
 * step. With the costs of a unit and of a backend, which stand in records of their own, they are
 * the only place where time comes from besides the device. The figures and their sources stand in
 * the platform profiles.
 *
 * @param mapCall entering and leaving a mapping call, apart from its parts
 * @param unmapCall entering and leaving an unmapping call, apart from its parts
 * @param ptePrepare descending to the first entry of a run
 * @param pteWrite writing one entry
 * @param pteClear clearing one entry
 * @param tableAlloc allocating and linking one page-table page
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
    long ptePrepare,
    long pteWrite,
    long pteClear,
    long tableAlloc,
    long iotlbHit,
    long walkRead,
    long walkReads,
    long submit,
    long doorbell,
    long interrupt,
    long complete) {}
