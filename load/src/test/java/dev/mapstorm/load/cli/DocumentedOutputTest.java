package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What documents show of the output of commands is what these commands print. */
class DocumentedOutputTest {
  private static final Path README = Path.of("../README.md");
  private static final Path EXPORT = Path.of("../docs/EXPORT.md");

  @TempDir static Path runs;

  private static Ran batch;
  private static Ran page;

  @BeforeAll
  static void runOnce() {
    batch = run("run nvme-batch --out runs/nvme-batch-1");
    page = run("run nvme-page --out runs/nvme-page-1");
    run("run nvme-4k --out runs/nvme-4k-1");
  }

  /** A command line as documents write it, its {@code runs/} being in the temporary directory. */
  private static Ran run(String command) {
    String[] words =
        Arrays.stream(command.split(" "))
            .map(word -> word.replace("runs/", runs + "/"))
            .toArray(String[]::new);
    return ran(words);
  }

  private static Ran ran(String... words) {
    Ran ran = mapstorm(words);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  /**
   * What a document shows from the line on that contains {@code first}, up to the next command or
   * the end of the block.
   */
  private static List<String> shown(Path document, String first) throws IOException {
    List<String> lines = Files.readAllLines(document);
    int from = 0;
    while (!lines.get(from).contains(first)) {
      from++;
    }
    int begin = lines.get(from).strip().startsWith("$ ") ? from + 1 : from;
    List<String> shown =
        lines.subList(begin, lines.size()).stream()
            .takeWhile(line -> !line.startsWith("```") && !line.strip().startsWith("$ "))
            .takeWhile(line -> line.isEmpty() || !document.equals(EXPORT) || line.startsWith(" "))
            .map(DocumentedOutputTest::plain)
            .filter(line -> !line.isEmpty())
            .toList();
    assertThat(shown).isNotEmpty();
    return shown;
  }

  /** Columns are as wide as the names in them: how far they are apart is of no account. */
  private static String plain(String line) {
    return line.replace(runs + "/", "runs/")
        .replace("../docs/", "docs/")
        .strip()
        .replaceAll("\\s+", " ");
  }

  private static List<String> printed(Ran... ran) {
    return Stream.of(ran).flatMap(each -> each.out().lines()).map(each -> plain(each)).toList();
  }

  @Test
  void theMainJobReportsWhatTheReadmeShows() throws IOException {
    assertThat(printed(batch)).containsAll(shown(README, "nvme-batch: 4 clients: 128 KiB reads"));
  }

  @Test
  void aTraceIsExplainedHeldAgainstTheModelAndRunAsTheReadmeShows() throws IOException {
    String trace = "docs/capture-6.1-strict.trace.gz";
    for (String command : List.of("explain ", "conform trace ")) {
      Ran ran = run(command + "../" + trace);
      assertThat(printed(ran)).containsAll(shown(README, "$ ./mapstorm " + command + trace));
    }
    run("run --trace ../" + trace + " --out runs/as-it-was");
    run("run --trace ../" + trace + " --set iommu.mode=lazy --out runs/lazy");

    Ran compared = run("compare runs/as-it-was runs/lazy");
    assertThat(printed(compared))
        .containsAll(shown(README, "$ ./mapstorm compare runs/as-it-was runs/lazy"));
  }

  @Test
  void rerunComparesAsTheReadmeShows() throws IOException {
    Ran rerun = run("rerun runs/nvme-page-1 --set iommu.mode=lazy --out runs/nvme-page-2");

    assertThat(printed(rerun)).containsAll(shown(README, "$ ./mapstorm rerun runs/nvme-page-1"));
  }

  @Test
  void anAddressHasTheLifeThatTheReadmeShows() throws IOException {
    Ran life = run("replay runs/nvme-page-1 --iova 0xff11f000 --follow");

    assertThat(printed(life))
        .containsAll(shown(README, "$ ./mapstorm replay runs/nvme-page-1 --iova"));
  }

  @Test
  void steppingStopsWhereTheReadmeShows() throws IOException {
    String commands = "goto 1.5ms; watch 0xfffe3000; continue; continue";
    Ran steps = ran("replay", runs.resolve("nvme-4k-1").toString(), "--exec", commands);

    assertThat(printed(steps)).containsAll(shown(README, "--exec \"" + commands));
  }

  @Test
  void anExportOfTextIsReadAgainAsIsShown() throws IOException {
    Ran text = run("export runs/nvme-4k-1 --format ftrace --out runs/strict.trace.gz");
    Ran conform = run("conform trace runs/strict.trace.gz");

    List<String> shown = shown(EXPORT, "--format ftrace --out strict.trace.gz");
    assertThat(withoutSize(names(text))).containsAll(withoutSize(shown));
    assertThat(names(conform)).containsAll(shown(EXPORT, "conform trace strict.trace.gz"));
  }

  @Test
  void windowsHaveTheSizesThatAreShown() throws IOException {
    String window = "export runs/nvme-4k-1 --format perfetto --from 10ms --to 12ms";
    Ran perfetto = run(window + " --out runs/nvme-4k-1.perfetto-trace");
    run("run nvme-4k --set clients=2 --set client.depth=4 --duration 200us --out runs/shallow");
    Ran shallow = run("export runs/shallow --format perfetto --out runs/shallow.perfetto-trace");

    assertThat(names(perfetto)).containsAll(shown(EXPORT, window));
    assertThat(names(shallow)).containsAll(shown(EXPORT, "export shallow --format perfetto"));
  }

  /** Compressed files are as long as the zlib of a machine makes them. */
  private static List<String> withoutSize(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(", [\\d.]+ [KMG]iB$", "")).toList();
  }

  /** Where a document's command writes beside it, the test's writes to the temporary directory. */
  private static List<String> names(Ran ran) {
    return printed(ran).stream().map(line -> line.replace("runs/", "")).toList();
  }
}
