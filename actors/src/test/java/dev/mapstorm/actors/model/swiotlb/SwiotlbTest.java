package dev.mapstorm.actors.model.swiotlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.Direction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwiotlbTest {
  private static final long START = 1L << 31;
  private static final long BUFFER = 100L << 30;
  private static final SwiotlbDevice ANY = new SwiotlbDevice(0, SwiotlbDevice.NO_BOUNDARY, -1);
  private static final SwiotlbDevice NVME = new SwiotlbDevice(4095, SwiotlbDevice.NO_BOUNDARY, -1);

  private final BounceBuffer bounce = new BounceBuffer();

  private static Swiotlb pool(int slots) {
    return new Swiotlb(START, new PoolSize(slots, 1), true, false);
  }

  @Test
  void bootMakesPowersOfTwoAndAnAreaForEachCpu() {
    assertThat(PoolSize.atBoot(0, 0, 8)).isEqualTo(new PoolSize(32768, 8));
    assertThat(PoolSize.atBoot(0, 0, 6)).isEqualTo(new PoolSize(32768, 8));
    assertThat(PoolSize.atBoot(1000, 2, 4)).isEqualTo(new PoolSize(1024, 2));
    assertThat(PoolSize.atBoot(1, 32, 4)).isEqualTo(new PoolSize(4096, 32));
    assertThat(PoolSize.atBoot(3000, 0, 3)).isEqualTo(new PoolSize(4096, 4));
    assertThat(PoolSize.restricted(5 << 20)).isEqualTo(new PoolSize(2560, 1));
  }

  @Test
  void poolsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new PoolSize(100, 3)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> new PoolSize(128, 2)).hasMessageContaining("whole groups of 128");
    assertThatThrownBy(() -> new PoolSize(0, 1)).hasMessageContaining("1 to 2097152, are 0");
    assertThatThrownBy(() -> new Swiotlb(100, new PoolSize(128, 1), true, false))
        .hasMessageContaining("multiple of 4096");
  }

  @Test
  void theLargestMappingLeavesRoomForTheAlignment() {
    assertThat(ANY.maxMappingBytes()).isEqualTo(256 << 10);
    assertThat(NVME.maxMappingBytes()).isEqualTo(252 << 10);
    assertThat(new SwiotlbDevice(63, -1, -1).maxMappingBytes()).isEqualTo(254 << 10);
  }

  /** The wrap goes to slot 0, and the steps that were used to get aligned count again. */
  @Test
  void theWrapMissesTheOnlySlotThatWouldDo() {
    Swiotlb swiotlb = pool(128);
    List<BounceBuffer> all = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      BounceBuffer one = new BounceBuffer();
      assertThat(swiotlb.map(0, ANY, BUFFER, 2048, 0, 0, one)).isEqualTo(BounceResult.BOUNCED);
      all.add(one);
    }
    swiotlb.release(all.get(1));
    swiotlb.release(all.get(0));
    assertThat(swiotlb.map(0, ANY, BUFFER, 2048, 0, 0, bounce)).isEqualTo(BounceResult.BOUNCED);
    assertThat(bounce.slot()).isZero();
    BounceBuffer second = new BounceBuffer();
    assertThat(swiotlb.map(0, ANY, BUFFER, 2048, 0, 0, second)).isEqualTo(BounceResult.BOUNCED);
    assertThat(second.slot()).isEqualTo(1);
    swiotlb.release(second);
    // The index is 2 now, and only slot 1 is free, which a buffer at an odd slot address needs.
    for (int i = 0; i < 3; i++) {
      assertThat(swiotlb.map(0, NVME, BUFFER + 2048, 2048, 0, 0, bounce))
          .isEqualTo(BounceResult.FRAGMENTED);
    }
    assertThat(swiotlb.map(0, ANY, BUFFER + 2048, 2048, 0, 0, bounce))
        .isEqualTo(BounceResult.BOUNCED);
  }

  @Test
  void padSlotsComeFirstAndAreGivenBack() {
    Swiotlb swiotlb = pool(128);

    swiotlb.map(0, NVME, BUFFER + 3000, 500, 4095, 0, bounce);

    assertThat(bounce.padSlots()).isEqualTo(1);
    assertThat(bounce.slots()).isEqualTo(2);
    assertThat(bounce.address()).isEqualTo(START + 3000);
    assertThat(swiotlb.used()).isEqualTo(2);
    swiotlb.release(bounce);
    assertThat(swiotlb.used()).isZero();
  }

  @Test
  void aCopyIsCutAtTheEndOfTheAllocation() {
    Swiotlb swiotlb = pool(128);
    swiotlb.map(0, ANY, BUFFER + 5, 3000, 0, 0, bounce);
    assertThat(bounce.copied(0, 9000)).isEqualTo(3000);
    assertThat(bounce.copied(2900, 200)).isEqualTo(100);
    assertThat(bounce.copied(5000, 200)).isZero();

    BounceBuffer rounded = new BounceBuffer();
    swiotlb.map(0, ANY, BUFFER + 5, 3000, 4095, 0, rounded);
    assertThat(rounded.copied(0, 9000)).isEqualTo(4096);
  }

  @Test
  void slotsBeyondTheMaskAreGivenBack() {
    SwiotlbDevice narrow = new SwiotlbDevice(0, SwiotlbDevice.NO_BOUNDARY, START - 1);
    Swiotlb swiotlb = pool(128);

    assertThat(swiotlb.mapDirect(0, narrow, BUFFER, 4096, 0, bounce))
        .isEqualTo(BounceResult.UNREACHABLE);
    assertThat(swiotlb.used()).isZero();
  }

  @Test
  void onlyWhatTheDeviceDoesNotReachBouncesUnlessForced() {
    SwiotlbDevice dac32 = new SwiotlbDevice(0, SwiotlbDevice.NO_BOUNDARY, (1L << 32) - 1);
    Swiotlb swiotlb = new Swiotlb(START, new PoolSize(128, 1), false, false);

    assertThat(swiotlb.mapDirect(0, dac32, 4096, 4096, 0, bounce)).isEqualTo(BounceResult.DIRECT);
    assertThat(swiotlb.mapDirect(0, dac32, (1L << 32) - 4096, 4096, 0, bounce))
        .isEqualTo(BounceResult.DIRECT);
    assertThat(swiotlb.mapDirect(0, dac32, (1L << 32) - 4096, 4097, 0, bounce))
        .isEqualTo(BounceResult.BOUNCED);
  }

  @Test
  void aTransientPoolIsMadeAndGoesWithItsBounce() {
    Swiotlb swiotlb = new Swiotlb(START, new PoolSize(128, 1), true, true);
    BounceBuffer all = new BounceBuffer();
    swiotlb.map(0, ANY, BUFFER, 256 << 10, 0, 0, all);

    assertThat(swiotlb.map(0, ANY, BUFFER, 4096, 0, 0, bounce)).isEqualTo(BounceResult.EXHAUSTED);
    assertThat(swiotlb.map(0, ANY, BUFFER, 5000, 0, 1L << 33, bounce))
        .isEqualTo(BounceResult.TRANSIENT);
    assertThat(bounce.pool().slots()).isEqualTo(3);
    assertThat(swiotlb.used()).isEqualTo(131);
    assertThat(swiotlb.transientSlots()).isEqualTo(3);
    swiotlb.release(bounce);
    assertThat(swiotlb.used()).isEqualTo(128);
    assertThat(swiotlb.transientSlots()).isZero();
    // Page-aligned and without slack: nothing for a buffer in the upper half of a page.
    assertThat(swiotlb.map(0, NVME, BUFFER + 2048, 512, 0, 1L << 33, bounce))
        .isEqualTo(BounceResult.EXHAUSTED);
  }

  @Test
  void aGrownPoolIsHalvedUntilThePageAllocatorHasIt() {
    Swiotlb swiotlb = new Swiotlb(START, new PoolSize(32768, 32), true, true);

    assertThat(swiotlb.grow(1 << 19, 1L << 33)).isNull();
    assertThat(swiotlb.grow(1L << 22, 0)).isNull();
    IoTlbPool grown = swiotlb.grow(2 << 20, 1L << 33);
    assertThat(grown.slots()).isEqualTo(1024);
    assertThat(grown.areas()).isEqualTo(8);
    swiotlb.map(1, ANY, BUFFER, 4096, 0, 0, bounce);
    assertThat(bounce.pool()).as("the newest pool is searched first").isSameAs(grown);
  }

  @Test
  void aBatchIsOneBounceWithoutGaps() {
    Swiotlb swiotlb = pool(128);
    LinearBatch batch = new LinearBatch();
    batch.begin(NVME.batchLimit(65536));

    assertThat(batch.add(BUFFER + 512, 512)).isTrue();
    assertThat(batch.add(BUFFER + 8192, 65300)).isFalse();
    assertThat(batch.add(BUFFER + 20480, 4096)).isTrue();
    assertThat(batch.finalise(0, swiotlb, NVME, 0)).isEqualTo(BounceResult.BOUNCED);
    assertThat(batch.bounce().address()).isEqualTo(START + 512);
    List<List<Long>> copies = new ArrayList<>();
    batch.copies(500, 100, (phys, address, bytes) -> copies.add(List.of(phys, address, bytes)));
    assertThat(copies)
        .containsExactly(
            List.of(BUFFER + 1012, START + 1012, 12L), List.of(BUFFER + 20480, START + 1024, 88L));
  }

  @Test
  void aBatchWithAVectorThatNeedsNoBounceIsNotLinearised() {
    SwiotlbDevice dac32 = new SwiotlbDevice(0, SwiotlbDevice.NO_BOUNDARY, (1L << 32) - 1);
    Swiotlb swiotlb = new Swiotlb(START, new PoolSize(128, 1), false, false);
    LinearBatch batch = new LinearBatch();
    batch.begin(dac32.batchLimit(65536));
    batch.add(BUFFER, 4096);
    batch.add(4096, 4096);

    assertThat(batch.finalise(0, swiotlb, dac32, 0)).isEqualTo(BounceResult.DIRECT);
    assertThat(swiotlb.used()).isZero();
  }

  @Test
  void directionsSayWhatSyncsCopy() {
    assertThat(Swiotlb.copiesForCpu(Direction.TO_DEVICE)).isFalse();
    assertThat(Swiotlb.copiesForCpu(Direction.FROM_DEVICE)).isTrue();
    assertThat(Swiotlb.copiesForCpu(Direction.BIDIRECTIONAL)).isTrue();
    assertThat(Swiotlb.copiesForDevice(Direction.TO_DEVICE)).isTrue();
    assertThat(Swiotlb.copiesForDevice(Direction.FROM_DEVICE)).isFalse();
    assertThat(Swiotlb.copiesForDevice(Direction.BIDIRECTIONAL)).isTrue();
  }
}
