/**
 * The page table of a domain and what the IOMMU core of Linux does around it ({@code
 * drivers/iommu/iommu.c}): the choice of page sizes and the gathering of ranges to invalidate.
 *
 * <p>{@link dev.mapstorm.actors.model.pagetable.PageTable} reports through objects that the caller
 * owns and uses again; it knows no time, no lock and no cache.
 *
 * <p>A format comes from a method of {@link dev.mapstorm.actors.model.pagetable.PageTableFormat},
 * one for each that Linux has:
 *
 * <table>
 * <caption>Formats</caption>
 * <tr><th>IOMMU</th><th>Linux 6.12</th><th>Linux 7.2</th></tr>
 * <tr><td>VT-d, 4 or 5 levels</td><td>{@code vtd}</td><td>{@code genericVtd}; first stage {@code
 * genericX86}</td></tr>
 * <tr><td>AMD v1, AMD v2</td><td>{@code amdV1}, {@code amdV2}</td><td>{@code genericAmdV1}, {@code
 * genericX86}</td></tr>
 * <tr><td>SMMU, stage 1 or 2, granules of 4, 16 and 64 KiB</td><td>{@code lpaeStage1}, {@code
 * lpaeStage2}</td><td>the same {@code .with(LPAE_NO_SPLIT)}</td></tr>
 * <tr><td>RISC-V</td><td></td><td>{@code riscv}</td></tr>
 * </table>
 *
 * <p>What a driver has to tell its hardware is in {@link
 * dev.mapstorm.actors.model.pagetable.MappedRuns} ({@code invalidations}, {@code topsAdded}) and in
 * the runs of {@link dev.mapstorm.actors.model.pagetable.UnmappedRuns}, each one call of the driver
 * with the tables that it freed.
 */
package dev.mapstorm.actors.model.pagetable;
