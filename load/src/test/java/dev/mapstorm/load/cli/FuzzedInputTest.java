package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.fuzz.Campaign;
import dev.mapstorm.load.fuzz.Mutator;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DirectoryTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scenario files, traces and run directories that chance made: each gets a result, or one sentence
 * and 1 or 2, soon; never a stack trace, and never anything of the environment or of other files.
 */
class FuzzedInputTest {
  private static final Path RESOURCES = Path.of("src/test/resources/dev/mapstorm/load");

  /** A larger host is as good as refused: to run it is not what is tried here. */
  private static final int CLIENTS = 200;

  @TempDir Path folder;

  private static String judged(byte[] input, String... command) {
    Ran ran = mapstorm(command);
    String said = ran.out() + ran.err();
    Campaign.assertHarmless(said, input);
    assertThat(ran.code()).as(said).isIn(0, 1, 2, 99);
    if (ran.code() == 2) {
      assertThat(ran.err()).contains("mapstorm: ");
    }
    assertThat(said).isNotBlank();
    return command[0] + " " + ran.code();
  }

  @Test
  void scenarioFiles() throws Exception {
    List<byte[]> texts = new ArrayList<>();
    for (String name :
        List.of("nvme-4k", "nvme-4k-lazy", "nic-rx", "nvme-batch", "fleet", "reference")) {
      texts.add(resource("/scenarios/" + name + ".conf"));
    }
    texts.add(resource("/platforms/xeon-skylake-vtd.conf"));
    List<String> words = new ArrayList<>();
    for (String line : ScenarioLoader.documentation().split("\n")) {
      words.addAll(Arrays.stream(line.split("[\\s=]+")).filter(word -> word.length() > 1).toList());
    }
    words.addAll(
        List.of(
            "${PATH}",
            "${?PATH}",
            "include file(\"/etc/passwd\")\n",
            "include url(\"http://127.0.0.1:1\")\n",
            "include \"common/nvme.conf\"\n",
            "{",
            "}",
            "[",
            "]",
            "\"\"\"",
            "\"",
            "=",
            "+=",
            ":",
            ",",
            "\n",
            "#",
            "//",
            "\u0000",
            "\u202e",
            "\uffff",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
            "{a=".repeat(40),
            "null",
            "true",
            "platform = /etc/passwd\n",
            "trace = /etc/passwd\n",
            "clients = []\n",
            "mix = []\n",
            "hosts = 100000\n",
            "x".repeat(5_000),
            "strict",
            "lazy",
            "passthrough",
            "direct",
            "\u001b[2J"));
    Mutator mutator = new Mutator(words, texts);
    Path file = folder.resolve("fuzzed.conf");
    Path run = folder.resolve("run");
    new Campaign("scenario files", 200)
        .run(
            random -> {
              byte[] text = mutator.next(random);
              Files.write(file, text);
              if (isLarge(file)) {
                return "too large to be run here";
              }
              try {
                return judged(
                    text, "run", file.toString(), "--duration", "2us", "--out", run.toString());
              } finally {
                DirectoryTree.delete(run);
              }
            });
  }

  private static boolean isLarge(Path file) {
    try {
      Scenario scenario = new ScenarioLoader(Version.current()).load(file.toString());
      return scenario.hosts().stream().mapToInt(host -> host.clients().size()).sum() > CLIENTS
          || scenario.hosts().stream().anyMatch(host -> host.cpus() > 512);
    } catch (ScenarioException e) {
      return false;
    }
  }

  @Test
  void traces() throws Exception {
    List<byte[]> traces = new ArrayList<>();
    try (Stream<Path> reports = Files.list(RESOURCES.resolve("reports"))) {
      for (Path report : reports.sorted().toList()) {
        if (report.toString().endsWith(".txt")) {
          byte[] text = Files.readAllBytes(report);
          traces.add(Arrays.copyOf(text, Math.min(text.length, 20_000)));
        }
      }
    }
    try (Stream<Path> recorded = Files.list(RESOURCES.resolve("traces"))) {
      for (Path trace : recorded.sorted().toList()) {
        try (InputStream text = new GZIPInputStream(Files.newInputStream(trace))) {
          traces.add(text.readNBytes(20_000));
        }
      }
    }
    Mutator mutator =
        new Mutator(
            List.of(
                "map: IOMMU: iova=0x0000000000000000 - 0xffffffffffffffff paddr=0x0"
                    + " size=18446744073709551615",
                "unmap: IOMMU: iova=",
                "dma_map_page: ",
                "dma_map_sg: ",
                "dma_unmap_sg: ",
                "0x",
                "0xffffffffffffffff",
                "size=",
                "[999999]",
                "[-1]",
                "phys_addrs=[]",
                "dma_addrs=[0x0,0x1",
                "attrs=",
                "]",
                "[",
                "=",
                " : ",
                "\r",
                "\n",
                "\u0000",
                "\t",
                "CPU:3 [LOST 99999999999999 EVENTS]\n",
                "# tracer: nop\n",
                "```\n",
                "> ",
                "x".repeat(70_000),
                "é",
                "io_page_fault: ",
                "swiotlb_bounced: ",
                "DMAR: [DMA Write] Request device [03:00.0] fault addr 0xfffff000 [fault reason"
                    + " 0x05] PTE Write access is not set\n",
                " 99999999999.999999: ",
                " 0.0: ",
                "\u001b[2J"),
            traces);
    Path file = folder.resolve("fuzzed.trace");
    Path run = folder.resolve("run");
    String[][] commands = {
      {"explain", file.toString()},
      {"explain", file.toString(), "--json"},
      {"conform", "trace", file.toString()},
      {"run", "--trace", file.toString(), "--duration", "5us", "--out", run.toString()},
    };
    // The program's own start, which takes seconds where much else runs, is no input's.
    for (String[] command : commands) {
      Files.write(file, traces.get(0));
      judged(traces.get(0), command);
      DirectoryTree.delete(run);
    }
    new Campaign("traces", 150)
        .run(
            random -> {
              byte[] text = mutator.next(random);
              Files.write(file, text);
              try {
                return judged(text, commands[random.nextInt(commands.length)]);
              } finally {
                DirectoryTree.delete(run);
              }
            });
  }

  @Test
  void runDirectories() throws Exception {
    Path whole = folder.resolve("whole");
    Ran ran =
        mapstorm(
            "run",
            "nvme-4k-lazy",
            "--duration",
            "200us",
            "--set",
            "journal.batch-events=500",
            "--set",
            "journal.checkpoint-events=1000",
            "--out",
            whole.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
    List<Path> files;
    try (Stream<Path> made = Files.list(whole)) {
      files = made.filter(Files::isRegularFile).sorted().toList();
    }
    List<byte[]> contents = new ArrayList<>();
    for (Path each : files) {
      contents.add(Files.readAllBytes(each));
    }
    List<String> words =
        List.of(
            "${PATH}",
            "include file(\"/etc/passwd\")",
            "url = \"jdbc:postgresql://127.0.0.1:1/x\"",
            "{",
            "}",
            "[",
            "null",
            "-1",
            "99999999999999999999",
            "\"",
            "\u0000",
            "\u0000\u0000\u0000\u0000",
            "\u00ff\u00ff\u00ff\u00ff",
            "\n",
            "nvme-4k|1",
            "SQLite format 3",
            "CREATE TABLE x(y)",
            "\u001b[2J",
            "x".repeat(9_000));
    Path copy = folder.resolve("copy");
    Path more = folder.resolve("more");
    String dir = copy.toString();
    String[][] commands = {
      {"analyze", dir},
      {"analyze", dir, "--json"},
      {"analyze", dir, "--salvage"},
      {"verify", dir},
      {"verify", dir, "--from", "last"},
      {"replay", dir, "--at", "100us"},
      {"diff", whole.toString(), dir},
      {"compare", whole.toString(), dir},
      {"resume", dir},
      {"rerun", dir, "--out", more.toString()},
      {"export", dir, "--format", "perfetto", "--out", more.resolve("x").toString()},
      {"runs", copy.toString()},
      {"prune", copy.toString(), "--yes"},
    };
    new Campaign("run directories", 150)
        .run(
            random -> {
              DirectoryTree.delete(copy);
              DirectoryTree.delete(more);
              Files.createDirectories(copy);
              Files.createDirectories(more);
              int which = random.nextInt(files.size());
              for (int i = 0; i < files.size(); i++) {
                byte[] content = contents.get(i);
                if (i == which || random.nextInt(4) == 0) {
                  content = new Mutator(words, List.of(content)).next(random);
                }
                if (i != which || random.nextInt(20) != 0) {
                  Files.write(copy.resolve(files.get(i).getFileName()), content);
                }
              }
              String[] command = commands[random.nextInt(commands.length)];
              return judged(String.join(" ", command).getBytes(StandardCharsets.UTF_8), command);
            });
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = FuzzedInputTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
