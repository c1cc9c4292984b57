package dev.mapstorm.load.validate;

import dev.mapstorm.actors.backend.arm32.ArmDmaCosts;
import dev.mapstorm.actors.backend.powerpc.TceDmaCosts;
import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of the kernel's dma_map_benchmark, by the flags of its tool (tools/dma/dma_map_benchmark.c
 * of Linux 7.x): the settings of the scenario {@code map-benchmark} for it, and its lines.
 *
 * @param platform profile of the machine
 * @param mode of the domain: what the group's {@code type} says
 * @param threads {@code -t}, 1 to 1024
 * @param seconds {@code -s}: virtual time; a hundredth shows what ten do
 * @param far {@code -n}: whether the threads are on another node than the unit
 * @param bits {@code -b}: the device's mask
 * @param toDevice {@code -d}: TO_DEVICE, else FROM_DEVICE
 * @param transferNs {@code -x}: time between mapping and unmapping
 * @param pages {@code -g}: pages of a mapping, or entries of a list
 * @param list {@code -m}: whether it maps lists of pages, else one range
 */
public record MapBenchmark(
    String platform,
    BenchmarkMode mode,
    int threads,
    double seconds,
    boolean far,
    int bits,
    boolean toDevice,
    long transferNs,
    int pages,
    boolean list) {
  /** The scenario that it runs. */
  public static final String SCENARIO = "map-benchmark";

  private static final long NS = 1_000_000_000L;
  private static final int PAGE_KIB = 4;

  /** What it sets over the scenario. */
  public List<String> settings() {
    List<String> set = new ArrayList<>();
    set.add("platform=" + platform);
    set.addAll(mode.settings());
    set.addAll(backend());
    set.add("clients=" + threads);
    set.add("duration=%dns".formatted(Math.round(seconds * NS)));
    if (far) {
      set.add("nodes=2");
      set.add("cpus=" + 2 * threads);
      set.add("iommu.node=1");
    }
    set.add("device.mask=" + bits);
    set.add("client.read-percent=" + (toDevice ? 0 : 100));
    set.add("device.latency=%dns".formatted(transferNs));
    set.add("client.bs=%dKiB".formatted(pages * PAGE_KIB));
    if (list) {
      set.add("client.api=sg");
      set.add("client.segment=4KiB");
    }
    return set;
  }

  /** A platform of 32-bit Arm or POWER has no dma-iommu, but their own code and windows. */
  private List<String> backend() {
    PlatformProfile profile = Platforms.load(platform);
    if (profile.costs(TceDmaCosts.class) != null) {
      return List.of(
          "iommu.backend=powerpc",
          "iommu.address-bits=32",
          "iommu.levels=3",
          "iommu.page-sizes=[4KiB]",
          "iommu.window={ base = 0, size = 1GiB }");
    }
    if (profile.costs(ArmDmaCosts.class) != null) {
      return List.of(
          "iommu.backend=arm32",
          "iommu.address-bits=32",
          "iommu.levels=3",
          "iommu.window={ base = 0, size = 4GiB, align-order = 8 }");
    }
    return List.of();
  }

  /** The lines that the kernel's tool prints, with the figures of the simulation. */
  public List<String> lines(CallTimes times) {
    return List.of(
        "dma mapping benchmark(%s): threads:%d seconds:%s node:%d dir:%s granule:%d"
            .formatted(
                list ? "SG_MODE" : "SINGLE_MODE",
                threads,
                seconds == Math.rint(seconds)
                    ? Long.toString(Math.round(seconds))
                    : Double.toString(seconds),
                far ? 1 : 0,
                toDevice ? "TO_DEVICE" : "FROM_DEVICE",
                pages),
        line("map", times.maps()),
        line("unmap", times.unmaps()));
  }

  private static String line(String what, Moments of) {
    return "average %s latency(us):%.1f standard deviation:%.1f"
        .formatted(what, of.mean() / 1e3, of.deviation() / 1e3);
  }
}
