package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.actors.spec.ClientSpec;
import org.junit.jupiter.api.Test;

class BlockReaderTest {

  private static BlockSpec read(String... settings) {
    ScenarioLoader loader = new ScenarioLoader("1");
    for (String setting : settings) {
      loader = loader.set(setting);
    }
    ClientSpec client = loader.load("nvme-iova").hosts().get(0).clients().get(0);
    return ((ClientSpec.Synthetic) client).block();
  }

  @Test
  void thereIsNoneUnlessOneIsChosen() {
    assertThat(read()).isNull();
  }

  @Test
  void limitsOfAQueueHaveTheDefaultsOfLinux() {
    assertThat(read("client.block-layer=6.17"))
        .isEqualTo(new BlockSpec(BlkRule.V6_17, new QueueLimits(4095, 0xffffffffL, 0xffffffffL)));
    assertThat(read("client.block-layer=7.1", "client.virt-boundary=none"))
        .isEqualTo(new BlockSpec(BlkRule.V7_1, new QueueLimits(0, 65536, 0xffffffffL)));
    assertThat(
            read(
                "client.block-layer=6.19",
                "client.virt-boundary=none",
                "client.queue-max-segment=129kB",
                "client.queue-segment-boundary=64KiB"))
        .isEqualTo(new BlockSpec(BlkRule.V6_19, new QueueLimits(0, 129_000, 65535)));
  }

  @Test
  void whatHasNoMeaningIsRefused() {
    refused("has a meaning only with a block-layer", "client.virt-boundary=4KiB");
    refused("has a meaning only with api = iova", "client.block-layer=7.1", "client.api=sg");
    refused("is none of 6.17, 6.19, 7.1", "client.block-layer=6.18");
    refused(
        "has no meaning with map = once",
        "client.block-layer=7.1",
        "client.map=once",
        "client.buffers=32");
    refused("is not a power of two", "client.block-layer=7.1", "client.virt-boundary=5000");
    refused(
        "splits requests whose pieces do not meet at 4096 bytes; here offset is 512",
        "client.block-layer=7.1",
        "client.offset=512");
    assertThat(read("client.block-layer=7.1", "client.offset=512", "client.virt-boundary=none"))
        .isNotNull();
  }

  @Test
  void genericPtIsForVtdOnly() {
    ScenarioLoader loader = new ScenarioLoader("1").set("iommu.page-table=generic-pt");
    DmaIommuSpec domain = (DmaIommuSpec) loader.load("nvme-4k").hosts().get(0).domains().get(0);

    assertThat(domain.format().rules()).isEqualTo(DriverRules.GENERIC_PT);
    assertThatThrownBy(() -> loader.set("iommu.page-table=vtd").load("nvme-4k"))
        .hasMessageContaining("is none of driver, generic-pt");
  }

  private static void refused(String message, String... settings) {
    assertThatThrownBy(() -> read(settings))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(message);
  }
}
