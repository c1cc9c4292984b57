package dev.mapstorm.actors.model.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTableTest {
  private static final long K4 = 1L << 12;
  private static final long M2 = 1L << 21;
  private static final long G1 = 1L << 30;
  private static final int RW = PageTable.READ | PageTable.WRITE;

  private final PageTable table = new PageTable(PageTableFormat.VTD_4_LEVELS);
  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private final PageWalk walk = new PageWalk();

  @Test
  void walkReadsOneEntryALevelDownToTheLeaf() {
    map(0xfffff000L, 0x1234_5000L, K4);
    map(0x4000_0000L, 0x8000_0000L, M2);
    map(G1 * 8, G1 * 2, G1);

    assertThat(table.walk(0xfffff123L, walk)).isTrue();
    assertThat(walk.phys()).isEqualTo(0x1234_5123L);
    assertThat(walk.levelsRead()).isEqualTo(4);
    assertThat(walk.pageShift()).isEqualTo(12);
    table.walk(0x4012_3456L, walk);
    assertThat(walk.phys()).isEqualTo(0x8012_3456L);
    assertThat(walk.levelsRead()).isEqualTo(3);
    table.walk(G1 * 8 + 0x2345_6789L, walk);
    assertThat(walk.phys()).isEqualTo(G1 * 2 + 0x2345_6789L);
    assertThat(walk.levelsRead()).isEqualTo(2);
  }

  @Test
  void walkOfAnAbsentPageCountsTheEntriesReadUntilThat() {
    map(0x1000, 0x1000, K4);

    assertThat(table.walk(0x2000, walk)).isFalse();
    assertThat(walk.levelsRead()).isEqualTo(4);
    table.walk(M2, walk);
    assertThat(walk.levelsRead()).isEqualTo(3);
    table.walk(1L << 40, walk);
    assertThat(walk.levelsRead()).isEqualTo(1);
    table.walk(1L << 48, walk);
    assertThat(walk.levelsRead()).isZero();
  }

  @Test
  void accessRightsAreKeptWithThePage() {
    table.map(0x1000, 0x1000, K4, PageTable.READ, mapped);
    table.map(0x2000, 0x2000, K4, PageTable.WRITE, mapped);

    table.walk(0x1000, walk);
    assertThat(walk.prot()).isEqualTo(PageTable.READ);
    table.walk(0x2000, walk);
    assertThat(walk.prot()).isEqualTo(PageTable.WRITE);
  }

  @Test
  void fourKilobyteUnmappingsLeaveTheirTablesBehind() {
    assertThat(table.tablePages()).isEqualTo(1);
    for (long iova = 0; iova < 64 * M2; iova += M2) {
      map(iova, 0x1000, K4);
    }
    assertThat(table.tablePages()).isEqualTo(1 + 1 + 1 + 64);

    for (long iova = 0; iova < 64 * M2; iova += M2) {
      assertThat(table.unmap(iova, K4, unmapped)).isEqualTo(K4);
      assertThat(unmapped.tablePagesFreed()).isZero();
    }

    assertThat(table.mappedPages()).isZero();
    assertThat(table.tablePages()).isEqualTo(67);
  }

  @Test
  void tableIsFreedOnlyByARunThatCoversAllOfIt() {
    map(0, 0x1000, 2 * M2);
    assertThat(mapped.tablePagesAllocated()).isEqualTo(4);

    table.unmap(K4, M2, unmapped);

    assertThat(unmapped.size()).isEqualTo(1);
    assertThat(unmapped.tablePagesFreed()).isZero();
    table.unmap(M2 + K4, M2 - K4, unmapped);
    assertThat(unmapped.tablePagesFreed()).isZero();
    table.unmap(0, K4, unmapped);
    map(0, 0x1000, M2);
    table.unmap(0, M2, unmapped);
    assertThat(unmapped.tablePagesFreed()).isEqualTo(1);
    assertThat(unmapped.ptesCleared()).isEqualTo(512);
    assertThat(table.tablePages()).isEqualTo(4);
  }

  @Test
  void unmappingIsCutIntoRunsByTheAlignmentOfItsAddressesAlone() {
    map(M2 - K4, 0x1000, M2 + 2 * K4);

    table.unmap(M2 - K4, M2 + 2 * K4, unmapped);

    assertThat(unmapped.size()).isEqualTo(3);
    assertThat(unmapped.iova(1)).isEqualTo(M2);
    assertThat(unmapped.bytes(1)).isEqualTo(M2);
    assertThat(unmapped.tablePagesFreed(0)).isZero();
    assertThat(unmapped.tablePagesFreed(1)).isEqualTo(1);
    assertThat(unmapped.tablePagesFreed(2)).isZero();
    assertThat(unmapped.ptesCleared()).isEqualTo(514);
  }

  @Test
  void coveringAWholeUpperTableFreesAllTablesBelowIt() {
    for (long iova = 0; iova < G1; iova += M2) {
      map(iova, 0x1000, K4);
    }
    table.unmap(0, G1, unmapped);

    assertThat(unmapped.tablePagesFreed()).isEqualTo(513);
    assertThat(unmapped.unmappedBytes()).isEqualTo(512 * K4);
    assertThat(table.tablePages()).isEqualTo(2);
  }

  @Test
  void largePageTakesThePlaceOfAnEmptyTableAndAsksForAnInvalidation() {
    map(M2, 0x1000, K4);
    table.unmap(M2, K4, unmapped);

    assertThat(map(0, 0, 4 * M2)).isEqualTo(MapResult.MAPPED);

    assertThat(mapped.ptesWritten()).isEqualTo(4);
    assertThat(mapped.tablePagesReplaced()).isEqualTo(1);
    assertThat(mapped.invalidations()).isEqualTo(1);
    assertThat(mapped.invalidationStart(0)).isEqualTo(M2);
    assertThat(mapped.invalidationEnd(0)).isEqualTo(4 * M2 - K4);
    assertThat(table.tablePages()).isEqualTo(3);
  }

  @Test
  void mappingOverALiveSmallPageIsRefusedAndChangesNothing() {
    map(2 * M2 + 5 * K4, 0x1000, K4);

    assertThat(map(0, 0, 4 * M2)).isEqualTo(MapResult.ALREADY_MAPPED);

    assertThat(mapped.conflictIova()).isEqualTo(2 * M2);
    assertThat(mapped.size()).isZero();
    assertThat(mapped.ptesWritten()).isZero();
    assertThat(mappings()).containsExactly("405000 -> 1000 2^12");
    assertThat(table.mappedPages()).isEqualTo(1);
    assertThat(table.mappedLeaves()).isEqualTo(1);
  }

  @Test
  void mappingUnderALiveLargePageIsRefused() {
    map(M2, M2, M2);

    assertThat(map(M2 - K4, 0, 2 * K4)).isEqualTo(MapResult.ALREADY_MAPPED);

    assertThat(mapped.conflictIova()).isEqualTo(M2);
    assertThat(mappings()).containsExactly("200000 -> 200000 2^21");
  }

  @Test
  void vtdDoesNotNoticeHolesAndClearsTheRest() {
    map(0x1000, 0x1000, K4);
    map(0x3000, 0x3000, K4);

    assertThat(table.unmap(0x1000, 3 * K4, unmapped)).isEqualTo(3 * K4);

    assertThat(unmapped.unmappedBytes()).isEqualTo(2 * K4);
    assertThat(table.mappedPages()).isZero();
  }

  @Test
  void vtdUnmapsAnEntryOfTheLevelWhereTheWalkEnds() {
    map(G1, 0, M2);
    map(2 * G1, 0, K4);

    assertThat(table.unmap(G1, K4, unmapped)).isEqualTo(M2);
    assertThat(table.unmap(1L << 40, K4, unmapped)).isEqualTo(1L << 39);
    assertThat(table.unmap(G1 + M2, K4, unmapped)).isEqualTo(M2);

    assertThat(mappings()).containsExactly("80000000 -> 0 2^12");
  }

  @Test
  void pageSizesBetweenLevelsAreReplicatedEntries() {
    PageTable amd = new PageTable(PageTableFormat.amdV1(549755809792L));
    amd.map(0x10000, 0x30000, 0x10000, RW, mapped);
    assertThat(mapped.size()).isEqualTo(1);
    assertThat(mapped.ptesWritten()).isEqualTo(16);
    assertThat(amd.mappedLeaves()).isEqualTo(1);

    amd.walk(0x1fabc, walk);
    assertThat(walk.phys()).isEqualTo(0x3fabc);
    assertThat(walk.pageShift()).isEqualTo(16);
    assertThat(amd.unmap(0x10000, 0x10000, unmapped)).isEqualTo(0x10000);
    assertThat(unmapped.ptesCleared()).isEqualTo(16);
    assertThat(amd.mappedLeaves()).isZero();
  }

  @Test
  void mappingsAreVisitedInOrder() {
    map(5 * M2, 0x5000, K4);
    map(0x3000, 0x9000, K4);
    map(2 * M2, 4 * M2, M2);

    assertThat(mappings())
        .containsExactly("3000 -> 9000 2^12", "400000 -> 800000 2^21", "a00000 -> 5000 2^12");
  }

  @Test
  void fiveLevelsReachFiftySevenBits() {
    PageTable deep = new PageTable(PageTableFormat.vtd(5, PageSizes.VTD_4K_2M_1G));
    long last = (1L << 57) - K4;

    deep.map(last, 0x1000, K4, RW, mapped);

    assertThat(mapped.tablePagesAllocated()).isEqualTo(4);
    assertThat(deep.walk(last, walk)).isTrue();
    assertThat(walk.levelsRead()).isEqualTo(5);
  }

  @Test
  void aGranuleOf16KibHasTablesOf2048Entries() {
    long k16 = 1L << 14;
    long m32 = 1L << 25;
    PageTable arm = new PageTable(PageTableFormat.lpaeStage1(14, 47, 48));

    arm.map(0, 0, m32 + k16, RW, mapped);

    assertThat(mapped.size()).isEqualTo(2);
    assertThat(mapped.ptesWritten()).isEqualTo(2);
    assertThat(mapped.tablePagesAllocated()).isEqualTo(2);
    assertThat(arm.mappedPages()).isEqualTo(2049);
    assertThat(arm.lastIova()).isEqualTo((1L << 47) - 1);
    assertThat(arm.walk(m32 - 1, walk)).isTrue();
    assertThat(walk.levelsRead()).isEqualTo(2);
    assertThat(walk.pageShift()).isEqualTo(25);
    assertThat(arm.walk(m32 + 5, walk)).isTrue();
    assertThat(walk.levelsRead()).isEqualTo(3);
    assertThat(arm.walk(m32 + k16, walk)).isFalse();
  }

  @Test
  void rangesThatNoTableHoldsAreRefused() {
    assertThatThrownBy(() -> map((1L << 48) - K4, 0, 2 * K4))
        .hasMessageContaining("beyond the table's last address 0xffffffffffff");
    assertThatThrownBy(() -> map(0, 0, 0)).hasMessageContaining("is empty");
    assertThatThrownBy(() -> map(0x800, 0, K4)).hasMessageContaining("not 4 KiB aligned");
    assertThatThrownBy(() -> map(0, 0x800, K4)).hasMessageContaining("unaligned");
    assertThatThrownBy(() -> map(0, (1L << 52) - K4, 2 * K4)).hasMessageContaining("52 bits");
    assertThatThrownBy(() -> table.map(0, 0, K4, 0, mapped)).hasMessageContaining("readable");
    assertThatThrownBy(() -> new PageTable(PageTableFormat.vtd(4, 1L << 14)))
        .hasMessageContaining("granule of 2^12 bytes, not 2^14");
    assertThatThrownBy(() -> new PageTable(PageTableFormat.vtd(4, 1L << 12 | 1L << 48)))
        .hasMessageContaining("do not fit");
    assertThatThrownBy(() -> new PageTable(PageTableFormat.vtd(7, 1L << 12)))
        .hasMessageContaining("2 to 6 levels");
  }

  private MapResult map(long iova, long phys, long size) {
    return table.map(iova, phys, size, RW, mapped);
  }

  private List<String> mappings() {
    List<String> list = new ArrayList<>();
    table.forEachMapping(
        (iova, phys, shift, prot) -> list.add(String.format("%x -> %x 2^%d", iova, phys, shift)));
    return list;
  }
}
