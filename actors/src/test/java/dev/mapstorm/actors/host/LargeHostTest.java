package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machines with as many CPUs, devices and domains as a scenario may ask for. */
class LargeHostTest {
  private static final long MIB = 1 << 20;
  private static final String[] OTHERS = {
    "dev.mapstorm.actors.spec",
    "dev.mapstorm.actors.backend.iommu.DmaIommuSpec",
    "dev.mapstorm.actors.host.HostCheckpoint"
  };

  /**
   * A lock, magazines and a flush ring for each CPU in each domain were 10 GB, though eight CPUs
   * come to a domain.
   */
  @ParameterizedTest
  @EnumSource(IommuMode.class)
  void shouldHoldNothingForCpusThatDoNotComeToADomain(IommuMode mode) {
    HostSpec spec = TestHosts.nvme().mode(mode).domains(1024).clients(8192).end(100_000).build();

    BareLoop loop = new BareLoop(spec, null);
    assertThat(ObjectGraph.bytes(loop, OTHERS)).isLessThan(80 * MIB);

    loop.run();
    assertThat(ObjectGraph.bytes(loop, OTHERS)).isLessThan(300 * MIB);
  }
}
