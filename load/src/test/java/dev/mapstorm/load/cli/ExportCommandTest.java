package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.FileDestination;
import dev.mapstorm.load.export.formats.Export;
import dev.mapstorm.load.export.formats.ExportStoppedException;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.scenario.ClientOutline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExportCommandTest {
  @TempDir static Path folder;
  @TempDir Path out;

  @BeforeAll
  static void runOnce() {
    String[] fixed = {"run", "nvme-4k", "--json", "--set", "journal.batch-events=1000"};
    run(fixed, "--duration", "1ms", "--out", folder.resolve("one").toString());
    run(
        fixed,
        "--duration",
        "200us",
        "--out",
        folder.resolve("many").toString(),
        "--set",
        "hosts=2",
        "--set",
        "devices=2");
    String[] rerun = {"rerun", folder.resolve("one").toString(), "--json"};
    run(rerun, "--set", "iommu.mode=lazy", "--out", folder.resolve("again").toString());
  }

  private static void run(String[] fixed, String... options) {
    String[] all = Stream.concat(Stream.of(fixed), Stream.of(options)).toArray(String[]::new);
    Ran ran = mapstorm(all);
    assertThat(ran.code()).as(ran.err()).isZero();
  }

  private static Ran export(String run, String format, String... options) {
    Stream<String> fixed = Stream.of("export", folder.resolve(run).toString(), "--format", format);
    return mapstorm(Stream.concat(fixed, Stream.of(options)).toArray(String[]::new));
  }

  private String out(String name) {
    return out.resolve(name).toString();
  }

  private List<String> left() throws IOException {
    try (Stream<Path> entries = Files.list(out)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void everyFormatIsWrittenTheSameTwiceAndSaysWhatItLeft(ExportFormat format) throws IOException {
    JsonNode first = export("one", format.label(), "--json", "--out", out("a")).json();
    JsonNode second = export("one", format.label(), "--json", "--out", out("b")).json();

    assertThat(left()).containsExactly("a", "b");
    assertThat(first.get("format").asText()).isEqualTo(format.label());
    assertThat(first.get("complete").asBoolean()).isTrue();
    assertThat(first.get("events").asLong()).isGreaterThan(5000);
    assertThat(first.get("written").asLong()).isPositive();
    long bytes = 0;
    for (JsonNode file : first.get("files")) {
      Path path = Path.of(file.get("path").asText());
      bytes += Files.size(path);
      Path other = Path.of(path.toString().replace(out("a"), out("b")));
      assertThat(path).hasSameBinaryContentAs(other);
    }
    assertThat(first.get("bytes").asLong()).isEqualTo(bytes).isPositive();
    assertThat(second.get("bytes").asLong()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void aRerunIsExportedWithTheNamesOfItsClientsThoughItDoesNotSayWhatTheyAskFor(
      ExportFormat format) {
    Ran ran = export("again", format.label(), "--out", out("again"));

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(RecordedRun.open(folder.resolve("again")).scenario().machine(0).outlines())
        .isEqualTo(RecordedRun.open(folder.resolve("one")).scenario().machine(0).outlines())
        .contains(new ClientOutline("queue1", 0, 1));
  }

  @Test
  void aNameThatEndsInGzIsCompressed() throws IOException {
    export("one", "ftrace", "--out", out("plain"));
    export("one", "ftrace", "--out", out("packed.gz"));

    try (InputStream packed = new GZIPInputStream(Files.newInputStream(out.resolve("packed.gz")))) {
      assertThat(packed.readAllBytes()).isEqualTo(Files.readAllBytes(out.resolve("plain")));
    }
  }

  @Test
  void nothingIsReplacedUnlessForced() throws IOException {
    Files.writeString(out.resolve("trace"), "mine");
    Files.createDirectory(out.resolve("tables"));
    Files.writeString(out.resolve("tables/mapped.csv"), "old");
    Files.writeString(out.resolve("tables/unmapped.csv"), "old");
    Files.writeString(out.resolve("tables/dma-requested-ranges.csv"), "old");
    Files.writeString(out.resolve("tables/unmapped.parquet"), "of another format");
    Files.writeString(out.resolve("tables/my results.csv"), "mine");

    Ran refused = export("one", "ftrace", "--out", out("trace"));
    Ran refusedTables = export("one", "csv", "--out", out("tables"));

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo("mapstorm: %s exists; --force replaces it\n".formatted(out("trace")));
    assertThat(refusedTables.code()).isEqualTo(1);
    assertThat(out.resolve("trace")).hasContent("mine");

    export("one", "ftrace", "--out", out("trace"), "--force");
    export("one", "csv", "--kind", "mapped", "--out", out("tables"), "--force");

    assertThat(Files.readString(out.resolve("trace"))).startsWith("# tracer: nop");
    try (Stream<Path> tables = Files.list(out.resolve("tables"))) {
      assertThat(tables.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("mapped.csv", "my results.csv", "unmapped.parquet");
    }
    assertThat(out.resolve("tables/my results.csv")).hasContent("mine");
    assertThat(Files.readString(out.resolve("tables/mapped.csv")))
        .startsWith("host,event,t,domain,call,pfn,pages,offset,bytes,vectors\r\n");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aDeviceIsNotReplacedByAFile() {
    Ran ran = export("one", "chrome", "--out", "/dev/null", "--force");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo("mapstorm: /dev/null is no regular file; use --out - > /dev/null\n");
  }

  @Test
  void aFileThatCannotBeWrittenIsOneLineAndLeavesNothing() throws IOException {
    Ran ran = export("one", "perfetto", "--out", out("nowhere/trace"));

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .isEqualTo(
            "mapstorm: %s cannot be written: there is no directory for it\n"
                .formatted(out("nowhere/trace")));
    assertThat(left()).isEmpty();
  }

  @Test
  void anExportThatIsStoppedLeavesNothing() throws IOException {
    RecordedRun run = RecordedRun.open(folder.resolve("one"));
    Export export =
        new Export(run, ExportFormat.CHROME, ExportSelection.all(run.hosts()), note -> {});
    int[] asked = new int[1];

    try (FileDestination destination = new FileDestination(out.resolve("trace"))) {
      assertThatThrownBy(() -> export.to(destination, () -> ++asked[0] > 3, (part, events) -> {}))
          .isInstanceOf(ExportStoppedException.class);
    }

    assertThat(asked[0]).isEqualTo(4);
    assertThat(left()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--format perfeto | --format perfeto: must be one of perfetto, chrome, ftrace, csv,"
            + " parquet; did you mean perfetto?",
        "--format csv --kind maped | --kind maped: there is no such kind of event; did you mean"
            + " mapped?",
        "--format csv --from 3ms --to 2ms | --from 3ms is after --to 2ms",
        "--format csv --from 3 | --from: \"3\" is not a time with a unit, such as 700ns, 80us,"
            + " 200ms or 2s",
        "--format csv --device nvmee | --device nvmee: the run has nvme; did you mean nvme?",
        "--format ftrace --kind mapped | --kind does not go with ftrace, a line of which tells of"
            + " several kinds; leave lines out with grep",
        "--format csv --out x.csv | --out x.csv is one file, and each kind of event is a table of"
            + " its own: name a directory, or one --kind with one table",
        "--format csv --out - --json | --json goes to standard output, and so does --out -: choose"
            + " one",
        "--format parquet --kind mapped --out - | --out -: parquet is compressed inside, and needs"
            + " a file or a directory",
        "--format perfetto --kind cpu-stolen,mapped | --kind mapped: a timeline of it needs"
            + " unmapped as well, or it would never see the end of some of it",
        "--format chrome --from 5s | --from 5s: the journal of ONE ends at 1.00 ms",
        "--format csv --host 7 | --host 7: ONE has host 0"
      })
  void aWrongCommandLineIsOneLine(String options, String message) {
    String one = folder.resolve("one").toString();
    Ran ran =
        mapstorm(
            Stream.concat(Stream.of("export", one), Stream.of(options.split(" ")))
                .toArray(String[]::new));

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).isEqualTo("mapstorm: " + message.replace("ONE", one) + "\n");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void ftraceTextIsThatOfOneHost() {
    Ran both = export("many", "ftrace", "--out", out("trace"));
    Ran one = export("many", "ftrace", "--host", "1", "--out", out("trace"));

    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("has hosts 0 to 1; name one with --host");
    assertThat(one.code()).isZero();
  }

  @Test
  void tablesHoldAllHostsAndOnlyWhatConcernsADevice() throws IOException {
    export("many", "csv", "--kind", "submitted", "--out", out("all.csv"));
    export("many", "csv", "--kind", "submitted", "--device", "nvme1", "--out", out("nvme1.csv"));

    List<String> all = Files.readAllLines(out.resolve("all.csv"), StandardCharsets.UTF_8);
    List<String> one = Files.readAllLines(out.resolve("nvme1.csv"), StandardCharsets.UTF_8);
    assertThat(all.get(0)).isEqualTo("host,event,t,device,client,op");
    assertThat(all.subList(1, all.size()))
        .anyMatch(row -> row.startsWith("0,"))
        .anyMatch(row -> row.startsWith("1,"));
    assertThat(one.subList(1, one.size()))
        .isEqualTo(
            all.subList(1, all.size()).stream()
                .filter(row -> row.split(",")[3].equals("1"))
                .toList())
        .isNotEmpty();
  }

  @Test
  void aWindowHoldsItsFirstAndLastInstant() throws IOException {
    export("one", "csv", "--kind", "mapped", "--out", out("all.csv"));
    List<String> all = Files.readAllLines(out.resolve("all.csv"), StandardCharsets.UTF_8);
    String first = all.get(20).split(",")[2];
    String last = all.get(60).split(",")[2];

    export(
        "one",
        "csv",
        "--kind",
        "mapped",
        "--from",
        first + "ns",
        "--to",
        last + "ns",
        "--out",
        out("part.csv"));

    assertThat(Files.readAllLines(out.resolve("part.csv"), StandardCharsets.UTF_8))
        .contains(all.get(20), all.get(60))
        .doesNotContain(all.get(10), all.get(70));
  }

  /** A copy of a run, its name kept, without what is beside its journal and scenario. */
  private Path copyWithoutIndex(String run) throws IOException {
    Path copy = Files.createDirectories(out.resolve("bare").resolve(run));
    for (String file : List.of("journal.db", "scenario.conf", "report.json")) {
      Files.copy(folder.resolve(run).resolve(file), copy.resolve(file));
    }
    return copy;
  }

  @ParameterizedTest
  @CsvSource({
    "one,  '--from 400us --to 600us'",
    "one,  '--from 999us'",
    "one,  '--from 1ns --to 30us'",
    "one,  '--from 500us --kind mapped,unmapped'",
    "one,  '--from 500us --to 500us --kind depot-trimmed'",
    "many, '--from 100us --to 150us --device nvme1 --host 1'",
    "many, '--from 150us'"
  })
  void aWindowIsTheSameWithTheIndexAndWithout(String run, String options) throws IOException {
    Path bare = copyWithoutIndex(run);
    for (ExportFormat format : ExportFormat.values()) {
      boolean fits =
          format.isTables()
              || !options.contains("--kind") && (run.equals("one") || options.contains("--host"));
      if (fits) {
        String[] window = options.split(" ");
        JsonNode with = exported(folder.resolve(run), format, "with-" + format, window);
        JsonNode without = exported(bare, format, "without-" + format, window);

        assertThat(with.get("events")).isEqualTo(without.get("events"));
        assertThat(with.get("complete")).isEqualTo(without.get("complete"));
        assertThat(with.get("files")).hasSameSizeAs(without.get("files"));
        for (JsonNode file : with.get("files")) {
          String path = file.get("path").asText();
          assertThat(Path.of(path))
              .hasSameBinaryContentAs(Path.of(path.replace("with-", "without-")));
        }
      }
    }
    assertThat(bare.resolve("index.db")).doesNotExist();
  }

  private JsonNode exported(Path run, ExportFormat format, String to, String... window) {
    String[] fixed = {
      "export", run.toString(), "--format", format.label(), "--json", "--out", out(to)
    };
    Ran ran = mapstorm(Stream.concat(Stream.of(fixed), Stream.of(window)).toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran.json();
  }

  @Test
  void theIndexLeadsTablesPastWhatIsBeforeTheWindow() throws Exception {
    Path bare = copyWithoutIndex("one");
    damageAnEarlyBatch(bare.resolve("journal.db"));

    Ran without =
        mapstorm(
            "export", bare.toString(), "--format", "csv", "--from", "900us", "--out", out("a"));
    Files.copy(folder.resolve("one/index.db"), bare.resolve("index.db"));
    Ran with =
        mapstorm(
            "export", bare.toString(), "--format", "csv", "--from", "900us", "--out", out("b"));

    assertThat(without.code()).isEqualTo(1);
    assertThat(without.err()).contains("host 0, entry 3 (batch 1)");
    assertThat(with.code()).as(with.err()).isZero();
  }

  private static void damageAnEarlyBatch(Path journal) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journal);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "UPDATE event_journal SET event_payload = zeroblob(length(event_payload))"
              + " WHERE sequence_number = 3");
    }
  }
}
