package dev.mapstorm.load.cli;

import dev.mapstorm.load.conform.Arm32Conformance;
import dev.mapstorm.load.conform.BlkConformance;
import dev.mapstorm.load.conform.CmdqConformance;
import dev.mapstorm.load.conform.ConformanceResult;
import dev.mapstorm.load.conform.IovaConformance;
import dev.mapstorm.load.conform.MapSgConformance;
import dev.mapstorm.load.conform.Mismatch;
import dev.mapstorm.load.conform.PageTableConformance;
import dev.mapstorm.load.conform.PowerpcConformance;
import dev.mapstorm.load.conform.SwiotlbConformance;
import dev.mapstorm.load.conform.TwoStepConformance;
import dev.mapstorm.load.conform.driver.CommandConformance;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds the models against what Linux did. */
@Command(
    name = "conform",
    description = "Runs the models over recorded answers of Linux and compares every one.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm conform iova iova-page.csv.gz",
      "  mapstorm conform map-sg map-sg.jsonl.gz",
      "  mapstorm conform swiotlb swiotlb-full.csv.gz swiotlb-batch.jsonl.gz",
      "  mapstorm conform arm32 arm32-sg.jsonl.gz",
      "  mapstorm conform powerpc powerpc-full.jsonl.gz",
      "  mapstorm conform trace nvme-strict.trace.gz",
    },
    synopsisSubcommandLabel =
        "(iova | map-sg | cmdq | invalidation | pagetable | twostep | blk | swiotlb | arm32 | powerpc | trace)",
    subcommands = {
      ConformCommand.Iova.class,
      ConformCommand.MapSg.class,
      ConformCommand.OfSwiotlb.class,
      ConformCommand.Cmdq.class,
      ConformCommand.PageTables.class,
      ConformCommand.TwoStep.class,
      ConformCommand.Blk.class,
      ConformCommand.Invalidation.class,
      ConformCommand.Arm32.class,
      ConformCommand.Powerpc.class,
      ConformTraceCommand.class
    })
final class ConformCommand {
  private ConformCommand() {}

  /** What was found in one file. */
  record FileResult(String file, long operations, long mismatches, List<Mismatch> first) {}

  /** What was found in all files. */
  record Result(String model, long operations, long mismatches, List<FileResult> files) {
    static Result of(String model, List<FileResult> files) {
      return new Result(
          model,
          files.stream().mapToLong(FileResult::operations).sum(),
          files.stream().mapToLong(FileResult::mismatches).sum(),
          files);
    }

    String summary() {
      return "%s: %d operations, %d mismatches".formatted(model, operations, mismatches);
    }
  }

  /** Files of recorded operations, each compared on its own. */
  abstract static class OfOperations implements Callable<Integer> {
    private final Console console;
    private final String model;
    private final Function<TextLines, ConformanceResult> check;

    @Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description = "Recorded answers, plain or gzip.")
    private List<Path> files;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    OfOperations(Console console, String model, Function<TextLines, ConformanceResult> check) {
      this.console = console;
      this.model = model;
      this.check = check;
    }

    @Override
    public Integer call() {
      List<FileResult> found = new ArrayList<>();
      for (Path file : files) {
        ConformanceResult result = Reading.of(console, file, check);
        found.add(
            new FileResult(
                file.toString(), result.operations(), result.mismatches(), result.first()));
      }
      Result result = Result.of(model, found);
      if (json) {
        Json.print(console, result);
      } else {
        found.forEach(this::show);
        console.print(result.summary());
      }
      return result.mismatches() == 0 ? ExitCode.OK : ExitCode.ERROR;
    }

    private void show(FileResult file) {
      for (Mismatch mismatch : file.first()) {
        long line = mismatch.line() - mismatch.before().size();
        for (String before : mismatch.before()) {
          console.print("%s:%d: %s".formatted(file.file(), line++, before));
        }
        console.print(
            "%s:%d: %s: Linux answered %s, the model %s"
                .formatted(
                    file.file(), line, mismatch.field(), mismatch.expected(), mismatch.got()));
      }
      if (files.size() > 1) {
        console.print(
            "%s: %d operations, %d mismatches"
                .formatted(file.file(), file.operations(), file.mismatches()));
      }
    }
  }

  /** {@code conform iova}. */
  @Command(
      name = "iova",
      description = {
        "Compares the IOVA allocator: address, path and tree walk of every operation.",
        "",
        "FILE begins with a line \"# … cpus=N start_pfn=1 granule=4096 [pci32=0|1]\"; then CSV with"
            + " the columns op, cpu, size, limit_pfn, pfn, path, walk.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform iova iova-page.csv.gz",
        "  mapstorm conform iova --json iova-*.csv.gz",
      })
  static final class Iova extends OfOperations {
    Iova(Console console) {
      super(console, "iova", IovaConformance::check);
    }
  }

  /** {@code conform map-sg}. */
  @Command(
      name = "map-sg",
      description = {
        "Compares dma_map_sg: IOVA length, DMA vectors and page-table writes.",
        "",
        "FILE holds one JSON object a line: segments, segBoundaryMask, maxSegSize, pgsizeBitmap,"
            + " iova, iovaLength, dmaVectors and mapped.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform map-sg map-sg.jsonl.gz",
        "  mapstorm conform map-sg --json *.jsonl",
      })
  static final class MapSg extends OfOperations {
    MapSg(Console console) {
      super(console, "map-sg", MapSgConformance::check);
    }
  }

  /** {@code conform cmdq}. */
  @Command(
      name = "cmdq",
      description = {
        "Compares SMMUv3's command queue, step by step: what every access of CPUs and hardware"
            + " saw.",
        "",
        "FILE holds one run a line, a JSON object: shift, msi, calls, schedule and steps.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform cmdq invalidation-cmdq.jsonl.gz",
        "  mapstorm conform cmdq --json *.jsonl",
      })
  static final class Cmdq extends OfOperations {
    Cmdq(Console console) {
      super(console, "cmdq", CmdqConformance::check);
    }
  }

  /** {@code conform pagetable}. */
  @Command(
      name = "pagetable",
      description = {
        "Compares page tables: choice of page sizes, calls into the driver, tables made and freed.",
        "",
        "FILE begins with a JSON object that is the format; then one operation a line, map or"
            + " unmap, all on one table.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform pagetable pagetable-amdv1.jsonl.gz",
        "  mapstorm conform pagetable --json pagetable-*.jsonl.gz",
      })
  static final class PageTables extends OfOperations {
    PageTables(Console console) {
      super(console, "pagetable", PageTableConformance::check);
    }
  }

  /** {@code conform twostep}. */
  @Command(
      name = "twostep",
      description = {
        "Compares the two-step calls (dma_iova_try_alloc, link, sync, unlink, destroy, free):"
            + " answers and every step.",
        "",
        "FILE begins with a JSON object that is the setting; then one call a line, all on one"
            + " domain.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform twostep twostep-strict.jsonl.gz",
        "  mapstorm conform twostep --json twostep-lazy.jsonl.gz",
      })
  static final class TwoStep extends OfOperations {
    TwoStep(Console console) {
      super(console, "twostep", TwoStepConformance::check);
    }
  }

  /** {@code conform blk}. */
  @Command(
      name = "blk",
      description = {
        "Compares how the block layer maps requests: segments, gaps, and what Linux 6.17, 6.19 and"
            + " 7.1 do with them.",
        "",
        "FILE begins with a JSON object that is the setting; then one request a line.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform blk twostep-blk.jsonl.gz",
      })
  static final class Blk extends OfOperations {
    Blk(Console console) {
      super(console, "blk", BlkConformance::check);
    }
  }

  /** {@code conform swiotlb}. */
  @Command(
      name = "swiotlb",
      description = {
        "Compares bounce buffers: address, slots, copies, result and search of every operation.",
        "",
        "FILE begins with lines \"# linux swiotlb vectors: …\", \"# pool …\" and \"# device N …\";"
            + " then CSV with the columns op, cpu, device, id, phys, size, offset, direction, skip,"
            + " align, offer, address, pool, slot, slots, pad, from, to, bytes, result, used,"
            + " checked, areas.",
        "Or it holds batches: a JSON object with pool and devices, then one object a line.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform swiotlb swiotlb-full.csv.gz",
        "  mapstorm conform swiotlb --json swiotlb-batch.jsonl.gz",
      })
  static final class OfSwiotlb extends OfOperations {
    OfSwiotlb(Console console) {
      super(console, "swiotlb", SwiotlbConformance::check);
    }
  }

  /** {@code conform invalidation}. */
  @Command(
      name = "invalidation",
      description = {
        "Compares the drivers' invalidation commands: VT-d, AMD-Vi, SMMUv3 and virtio-iommu, of"
            + " 6.12 and 7.2.",
        "",
        "FILE holds one JSON object a line: a setting, which begins a new domain, or an operation"
            + " on it (map, unmap, gather, lazy, flushAll, direct) with what it returned and the"
            + " commands that it sent.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform invalidation invalidation-vtd.jsonl.gz",
        "  mapstorm conform invalidation --json invalidation-*.jsonl.gz",
      })
  static final class Invalidation extends OfOperations {
    Invalidation(Console console) {
      super(console, "invalidation", CommandConformance::check);
    }
  }

  /** {@code conform arm32}. */
  @Command(
      name = "arm32",
      description = {
        "Compares the DMA API of 32-bit Arm behind an IOMMU: addresses, calls of iommu_map and iommu_unmap, bitmaps.",
        "",
        "FILE holds one JSON object a line: first profile, seed and pageSize; then the operations create, mapPage,"
            + " unmapPage, mapSg and unmapSg.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform arm32 arm32-sg.jsonl.gz",
        "  mapstorm conform arm32 --json arm32-*.jsonl.gz",
      })
  static final class Arm32 extends OfOperations {
    Arm32(Console console) {
      super(console, "arm32", Arm32Conformance::check);
    }
  }

  /** {@code conform powerpc}. */
  @Command(
      name = "powerpc",
      description = {
        "Compares the TCE tables of powerpc: addresses, entries written and cleared, searches, locks and hints.",
        "",
        "FILE holds one JSON object a line: first profile, seed, pageShift, cpus and poolHash; then the operations"
            + " create, mapPage, unmapPage, mapSg, unmapSg, allocCoherent and freeCoherent.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform powerpc powerpc-full.jsonl.gz",
        "  mapstorm conform powerpc --json powerpc-*.jsonl.gz",
      })
  static final class Powerpc extends OfOperations {
    Powerpc(Console console) {
      super(console, "powerpc", PowerpcConformance::check);
    }
  }
}
