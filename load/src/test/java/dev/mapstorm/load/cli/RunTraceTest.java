package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces that hold more than calls of the DMA API, run. */
class RunTraceTest {
  @TempDir Path folder;

  private Ran run(String trace, String... more) throws IOException {
    Path file = folder.resolve(trace);
    try (InputStream in = getClass().getResourceAsStream("/dev/mapstorm/load/reports/" + trace)) {
      Files.copy(in, file);
    }
    List<String> words = new ArrayList<>(List.of("run", "--trace", file.toString()));
    words.addAll(List.of(more));
    words.addAll(List.of("--out", folder.resolve("run").toString()));
    return mapstorm(words.toArray(String[]::new));
  }

  private Ran replay(String... words) {
    List<String> all = new ArrayList<>(List.of("replay", folder.resolve("run").toString()));
    all.addAll(List.of(words));
    return mapstorm(all.toArray(String[]::new));
  }

  /** VFIO: the guest's memory at the guest's addresses, in a domain without an allocator. */
  @Test
  void mappingsOfTheIommuApiHaveTheirOwnAddresses() throws IOException {
    Ran ran = run("02-iommu-only-vfio.txt");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("6 maps, 1 unmap", "6 mappings by the IOMMU API");
    assertThat(ran.out()).contains("from client       6");
    Ran life = replay("--iova", "0x40000000", "--follow");
    assertThat(life.out()).contains("1.00 GiB at 0x40000000");
    assertThat(replay("--iova", "0xc0000", "--follow").out()).contains("128 KiB at 0xc0000");
  }

  /** The address of a fault in a kernel log finds its story in the run. */
  @Test
  void keptIovasTellTheStoryOfAFault() throws IOException {
    Ran ran = run("21-fault-after-free.txt", "--keep-iovas");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("mappings have the addresses of the trace");
    Ran life = replay("--iova", "0xfe901000", "--follow");
    assertThat(life.out()).contains("512 KiB at 0xfe900000").contains("unmap");
  }

  @Test
  void withoutKeptIovasTheAllocatorChooses() throws IOException {
    assertThat(run("21-fault-after-free.txt").code()).isZero();
    assertThat(replay("--iova", "0xfe901000", "--follow").out()).doesNotContain("0xfe900000");
  }

  @Test
  void failedCallsAreNoMappings() throws IOException {
    assertThat(run("20-failed-mappings.txt").err())
        .contains("1 map, 1 unmap", "4 DMA calls that failed");
  }

  @Test
  void whatIsUnmappedOnlyStandsFromTheStart() throws IOException {
    Path trace = folder.resolve("middle");
    Files.writeString(
        trace,
        """
        a-1 [000] ..... 1.000000: dma_map_page: d dir=TO_DEVICE dma_addr=fffff000 size=4096 phys_addr=3000 attrs=
        a-1 [001] ..... 1.000500: dma_unmap_page: d dir=TO_DEVICE dma_addr=ffff8000 size=12288 attrs=
        """);

    Ran ran =
        mapstorm(
            "run",
            "--trace",
            trace.toString(),
            "--keep-iovas",
            "--out",
            folder.resolve("run").toString());

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("2 maps, 1 unmap", "1 mapping from before the trace");
    assertThat(replay("--iova", "0xffff8000", "--at", "300us").out()).contains("0xffff8000");
    assertThat(replay("--iova", "0xffff8000", "--follow").out()).contains("unmap");
  }

  @Test
  void aBarOf32GiBIsMappedInPieces() throws IOException {
    Ran ran = run("27-map-resource-32g.txt");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("2 maps, 1 unmap", "1 mapping above 1 GiB");
    assertThat(ran.out()).contains("0 failed calls");
  }

  @Test
  void keptIovasAreForTracesAndStrict() throws IOException {
    assertThat(mapstorm("run", "nvme-4k", "--keep-iovas").err()).contains("needs a --trace");
    Ran lazy = run("21-fault-after-free.txt", "--keep-iovas", "--set", "iommu.mode=lazy");
    assertThat(lazy.code()).isEqualTo(2);
    assertThat(lazy.err()).contains("keep-iovas", "needs iommu.mode = strict");
  }
}
