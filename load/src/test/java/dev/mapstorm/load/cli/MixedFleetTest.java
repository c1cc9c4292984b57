package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a run whose machines differ. */
class MixedFleetTest {
  /** Of the first five hosts, 0 and 3 are storage, 1 is a database, 2 is edge and 4 edge-new. */
  private static final String HOSTS = "hosts=5";

  @TempDir static Path folder;
  private static String run;
  private static JsonNode report;

  @BeforeAll
  static void runOnce() {
    run = folder.resolve("fleet").toString();
    report = fleet("--out", run, "--lanes", "3").json();
  }

  private static Ran fleet(String... options) {
    Stream<String> fixed =
        Stream.of("run", "fleet", "--json", "--duration", "300us", "--set", HOSTS);
    return ok(Stream.concat(fixed, Stream.of(options)).toArray(String[]::new));
  }

  private static Ran ok(String... command) {
    Ran ran = mapstorm(command);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  @Test
  void theHashIsTheSameOnOneLaneAndOnThree() {
    JsonNode one = fleet("--out", folder.resolve("one").toString(), "--lanes", "1").json();

    assertThat(one.at("/journal/hash")).isEqualTo(report.at("/journal/hash"));
    assertThat(one.at("/hosts")).isEqualTo(report.at("/hosts"));
  }

  @Test
  void theReportSaysWhatTheMachinesAre() {
    assertThat(report.has("platform")).isFalse();
    JsonNode machines = report.get("machines");
    assertThat(machines.findValuesAsText("hosts")).containsExactly("2", "1", "1", "1");
    assertThat(machines.get(3).get("name").asText()).isEqualTo("edge-new");
    assertThat(machines.get(3).at("/platform/assumed").toString()).contains("costs.walk-read");
    assertThat(machines.get(2).at("/platform/assumed").toString())
        .doesNotContain("costs.walk-read");
    long requested = 0;
    for (JsonNode machine : machines) {
      assertThat(machine.get("requested").asLong()).isPositive();
      requested += machine.get("requested").asLong();
    }
    assertThat(requested).isEqualTo(report.at("/analysis/total/requested").asLong());
    assertThat(ok("analyze", run).out()).contains("edge-new");
  }

  @Test
  void analyzeFindsInTheJournalWhatTheRunReported() {
    JsonNode again = ok("analyze", run, "--json").json();

    assertThat(again.get("analysis")).isEqualTo(report.get("analysis"));
    assertThat(again.get("machines")).isEqualTo(report.get("machines"));
  }

  @Test
  void everyHostIsVerifiedAsTheMachineItIs() {
    assertThat(ok("verify", run).out().lines()).hasSize(5).allMatch(l -> l.contains(": verified"));
  }

  @Test
  void replayKnowsTheDevicesOfTheHost() {
    assertThat(ok("replay", run, "--host", "1", "--device", "nvme").out())
        .contains("flush queues: 2");
    assertThat(ok("replay", run, "--host", "2", "--device", "nic", "--follow").out())
        .contains("mapped");
    Ran wrong = mapstorm("replay", run, "--host", "2", "--device", "nvme");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).isEqualTo("mapstorm: --device nvme: the run has nic\n");
    assertThat(ok("replay", run, "--host", "2", "--exec", "next device=nic").out()).isNotEmpty();
  }

  @Test
  void theIndexOfTheRunIsTheOneThatReplayWouldMake() throws IOException {
    String[] command = {"replay", run, "--host", "0", "--at", "250us", "--json"};
    JsonNode indexed = ok(command).json();
    Files.delete(Path.of(run, "index.db"));

    assertThat(ok(command).json()).isEqualTo(indexed);
  }

  @Test
  void anExportOfADeviceIsThatOfTheHostsThatHaveIt() throws IOException {
    Path tables = folder.resolve("tables");
    ok("export", run, "--format", "csv", "--device", "nic", "--out", tables.toString());

    List<String> hosts =
        Files.readAllLines(tables.resolve("submitted.csv")).stream()
            .skip(1)
            .map(line -> line.split(",")[0])
            .distinct()
            .toList();
    assertThat(hosts).containsExactly("2", "4");
  }

  @Test
  void exportsNameTheClientsAndDevicesOfEachHost() throws IOException {
    Path trace = folder.resolve("trace.json");
    ok("export", run, "--format", "chrome", "--out", trace.toString());
    assertThat(Files.readString(trace)).contains("nvme", "nic", "queue0", "rx1");

    Path text = folder.resolve("edge.trace");
    ok("export", run, "--format", "ftrace", "--host", "4", "--out", text.toString());
    assertThat(Files.readString(text)).contains("nic").doesNotContain("nvme");
  }

  @Test
  void theRequestsOfEachHostCanBeAskedAgain() {
    Path again = folder.resolve("again");
    JsonNode rerun =
        ok("rerun", run, "--json", "--set", "iommu.mode=passthrough", "--out", again.toString())
            .json();

    assertThat(rerun.findValues("notes").toString()).contains("were asked the same requests");
    assertThat(ok("verify", again.toString()).out().lines()).hasSize(5);
    assertThat(ok("compare", run, again.toString()).out())
        .contains("mix.edge-new.iommu.mode")
        .doesNotContain("mix.database.name");
  }
}
