package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.compare.RequestDigest;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.store.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run was asked, asked again. */
class RerunCommandTest {
  private static final String TRACE =
      "src/test/resources/dev/mapstorm/load/traces/nvme-mixed-lazy.trace.gz";

  @TempDir static Path folder;

  private static JsonNode closed;
  private static JsonNode traced;

  @BeforeAll
  static void runOnce() {
    closed =
        run(
                "closed",
                "nvme-page",
                "--duration",
                "3ms",
                "--set",
                "hosts=2",
                "--set",
                "client.requests=40")
            .json();
    traced = run("traced", "--trace", TRACE, "--duration", "1s").json();
  }

  private static Ran run(String name, String... options) {
    return ran("run", name, options);
  }

  private static Ran rerun(String of, String name, String... options) {
    List<String> all = new ArrayList<>(List.of(path(of)));
    all.addAll(List.of(options));
    return ran("rerun", name, all.toArray(String[]::new));
  }

  private static Ran ran(String command, String name, String... options) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(options));
    all.addAll(List.of("--json", "--out", path(name)));
    Ran ran = mapstorm(all.toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static RequestDigest.Relation relation(String run, String other) {
    return digest(run).to(digest(other));
  }

  private static RequestDigest digest(String name) {
    RecordedRun run = RecordedRun.open(folder.resolve(name));
    RequestDigest digest = new RequestDigest();
    run.hosts().forEach(host -> run.journal().replay(host, digest.host(host)));
    return digest;
  }

  private static String hash(JsonNode report) {
    return report.at("/journal/hash").asText();
  }

  @Test
  void aClosedLoopAskedAgainInAClosedLoopIsTheSameRun() {
    JsonNode again = rerun("closed", "closed-again", "--closed-loop").json();

    assertThat(hash(again.get("report"))).isEqualTo(hash(closed));
    assertThat(again.at("/report/analysis")).isEqualTo(closed.get("analysis"));
    assertThat(mapstorm("diff", path("closed"), path("closed-again")).code()).isZero();
  }

  /** Memory regions were not registered again: the run was another one, and cheaper. */
  @Test
  void memoryRegionsAreRegisteredAgain() {
    Ran first = run("regions", "rdma-mr", "--duration", "1ms", "--set", "client.requests=30");
    JsonNode again = rerun("regions", "regions-again", "--closed-loop").json();

    assertThat(again.at("/report/analysis/lists")).isEqualTo(first.json().at("/analysis/lists"));
    assertThat(hash(again.get("report"))).isEqualTo(hash(first.json()));
  }

  /** The block layer was left out, and pieces longer than its segments were mapped whole. */
  @Test
  void theBlockLayerDecidesAgain() {
    Ran first =
        run(
            "block",
            "nvme-blk",
            "--duration",
            "1ms",
            "--set",
            "client.requests=30",
            "--set",
            "client.queue-max-segment=4KiB");
    JsonNode again = rerun("block", "block-again", "--closed-loop").json();

    assertThat(hash(again.get("report"))).isEqualTo(hash(first.json()));
  }

  @Test
  void aTraceAskedAgainIsTheSameRun() {
    JsonNode again = rerun("traced", "traced-again").json();

    assertThat(hash(again.get("report"))).isEqualTo(hash(traced));
    assertThat(RunDirectory.open(folder.resolve("traced-again")).scenario())
        .content()
        .contains("requests=", "trace-devices=[", "cpus=4")
        .doesNotContain("trace=");
  }

  @Test
  void anOpenLoopAskedAgainIsTheSameRun() {
    JsonNode open = run("open", "nvme-4k", "--duration", "2ms", "--set", "client.rate=50k").json();

    JsonNode again = rerun("open", "open-again").json();

    assertThat(again.at("/report/analysis/total")).isEqualTo(open.at("/analysis/total"));
    assertThat(hash(again.get("report"))).isEqualTo(hash(open));
  }

  @Test
  void lazyInvalidatesNoPagesAndKeepsEveryRequest() {
    JsonNode lazy = rerun("closed", "lazy", "--set", "iommu.mode=lazy").json();

    assertThat(closed.at("/analysis/invalidations/pageSelective").asLong()).isPositive();
    assertThat(lazy.at("/report/analysis/invalidations/pageSelective").asLong()).isZero();
    assertThat(relation("lazy", "closed")).isEqualTo(RequestDigest.Relation.SAME);
    assertThat(lazy.at("/comparison/notes/0").asText()).endsWith("were asked the same requests");
    assertThat(lazy.at("/comparison/scenario").findValuesAsText("key"))
        .containsExactly("client.rate", "iommu.mode", "requests");
    assertThat(lazy.at("/comparison/figures").findValuesAsText("figure"))
        .contains("requests done", "CPU time per request", "L5 cache_lock waits per request")
        .contains("exposed after unmapping, lazy, mean", "IOTLB hits");
  }

  @Test
  void batchesMapTheSameBytes() {
    JsonNode batch = rerun("closed", "batch", "--set", "client.api=batch").json();

    JsonNode total = batch.at("/report/analysis/total");
    JsonNode before = closed.at("/analysis/total");
    assertThat(relation("batch", "closed")).isEqualTo(RequestDigest.Relation.SAME);
    assertThat(total.get("requested")).isEqualTo(before.get("requested"));
    assertThat(total.get("bytes").asLong() / total.get("done").asLong()).isEqualTo(128 * 1024);
    assertThat(total.get("mappings").asLong() * 20).isLessThan(before.get("mappings").asLong());
  }

  @Test
  void aTraceIsAskedAgainUnderAnotherPolicyAndAnotherWay() {
    JsonNode again =
        rerun("traced", "traced-2", "--set", "iommu.mode=lazy", "--set", "client.api=batch").json();

    assertThat(again.at("/report/analysis/invalidations/pageSelective").asLong()).isZero();
    assertThat(again.at("/report/analysis/total/requested"))
        .isEqualTo(traced.at("/analysis/total/requested"));
    assertThat(relation("traced-2", "traced")).isEqualTo(RequestDigest.Relation.SAME);
  }

  @Test
  void whatArrivesAfterTheDurationIsLeftOut() {
    JsonNode half = rerun("closed", "half", "--duration", "1ms").json();

    long asked = half.at("/report/analysis/total/requested").asLong();
    assertThat(asked).isBetween(1L, closed.at("/analysis/total/requested").asLong() - 1);
    assertThat(relation("half", "closed")).isEqualTo(RequestDigest.Relation.SAME_BEGINNING);
  }

  @Test
  void itsScenarioRunsVerifiesAndIsAskedAgain() {
    JsonNode first = rerun("closed", "one", "--set", "iommu.mode=lazy").json().get("report");

    Ran same = run("two", path("one") + "/scenario.conf");
    JsonNode third = rerun("one", "three").json().get("report");

    assertThat(hash(same.json())).isEqualTo(hash(first));
    assertThat(hash(third)).isEqualTo(hash(first));
    assertThat(mapstorm("verify", path("one")).code()).isZero();
    assertThat(same.err()).contains("requests of " + path("closed"));
  }

  @Test
  void itIsResumedAsAnyRun() throws SQLException, IOException {
    JsonNode whole =
        rerun(
                "closed",
                "killed",
                "--set",
                "journal.batch-events=500",
                "--set",
                "journal.checkpoint-events=2000")
            .json()
            .get("report");
    execute(
        "killed",
        "DELETE FROM event_journal WHERE ordering >="
            + " (SELECT MIN(ordering) FROM event_journal WHERE sequence_number > 9)");
    execute(
        "killed",
        "DELETE FROM snapshot WHERE sequence_number >"
            + " (SELECT COALESCE(MAX(j.sequence_number), 0) FROM event_journal j"
            + " WHERE j.persistence_id = snapshot.persistence_id)");

    Ran resumed = mapstorm("resume", path("killed"), "--json");

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(hash(resumed.json())).isEqualTo(hash(whole));
  }

  @Test
  void policyCachesMachineAndJournalCanBeSet() {
    String[] settings = {
      "iommu.mode=lazy",
      "iommu.iova.magazine-size=16",
      "iommu.flush-queue.entries=64",
      "iommu.domains=shared",
      "client.api=sg",
      "client.depth=4",
      "devices=2",
      "device.latency=10us",
      "costs.walk-read=100ns",
      "unit.iotlb-entries=256",
      "cpus=8",
      "journal.batch-events=500",
    };
    List<String> options = new ArrayList<>();
    for (String each : settings) {
      options.addAll(List.of("--set", each));
    }

    JsonNode again = rerun("closed", "set", options.toArray(String[]::new)).json();

    assertThat(again.at("/comparison/scenario").findValuesAsText("key"))
        .contains("iommu.iova.magazine-size", "client.depth", "devices", "device.latency", "cpus")
        .contains("platform.costs.walk-read.ns", "platform.unit.iotlb-entries.count")
        .contains("journal.batch-events", "iommu.domains", "iommu.flush-queue.entries");
    assertThat(relation("set", "closed")).isEqualTo(RequestDigest.Relation.SAME);
  }

  @Test
  void endsWithWhatDiffersMost() {
    Ran text = mapstorm("rerun", path("closed"), "--set", "iommu.mode=lazy", "--out", path("text"));
    Ran nothing = mapstorm("rerun", path("closed"), "--closed-loop", "--out", path("nothing"));

    assertThat(text.out())
        .contains("Latency", "hash      ", "\nAgainst the run that it repeats")
        .containsPattern("\n  iommu.mode +strict +lazy\n")
        .containsPattern("\n  CPU time per request +\\d");
    assertThat(text.out()).doesNotContain("client.bs", "requests-hash");
    assertThat(nothing.out()).endsWith("no figure differs by more than a little\n");
  }

  @Test
  void anInterruptedRunIsAskedAgainAsFarAsItWent() throws SQLException, IOException {
    run("cut", "nvme-4k", "--duration", "2ms", "--set", "journal.batch-events=1000");
    execute("cut", "DELETE FROM event_journal WHERE sequence_number > 7");

    Ran again = rerun("cut", "cut-again", "--closed-loop");

    assertThat(again.err()).contains("was interrupted at ", "there its requests end");
    assertThat(relation("cut-again", "cut")).isEqualTo(RequestDigest.Relation.SAME);
  }

  @Test
  void aJournalThatIsGoneOrAnotherIsRefused() throws IOException, SQLException {
    run("lost", "nvme-4k", "--duration", "500us", "--set", "journal.batch-events=1000");
    rerun("lost", "lost-again");
    String[] again = {"run", path("lost-again") + "/scenario.conf", "--out", path("never")};

    execute("lost", "DELETE FROM event_journal WHERE sequence_number > 3");
    Ran other = mapstorm(again);
    Files.delete(folder.resolve("lost/journal.db"));
    Ran gone = mapstorm(again);

    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("requests-hash: the journal of " + path("lost") + " ends with ")
        .endsWith("it is another run, or went on since\n")
        .hasLineCount(1);
    assertThat(gone.err()).contains("requests: ", path("lost"), "journal.db").hasLineCount(1);
    assertThat(folder.resolve("never")).doesNotExist();
  }

  /** Cuts the journal of a run, which then has no report, as if it had been killed there. */
  private static void execute(String run, String statement) throws SQLException, IOException {
    Files.deleteIfExists(folder.resolve(run + "/report.json"));
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(run + "/journal.db"));
        Statement sql = journal.createStatement()) {
      sql.execute(statement);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2|rerun|missing required parameter: 'RUN'",
        "1|rerun nowhere|nowhere does not exist",
        "1|rerun src|src is not a run directory",
        "2|rerun CLOSED --set client.bs=8k|--set client.bs=8k: client.bs: has no meaning when a"
            + " journal says what is asked",
        "2|rerun CLOSED --set client.requests=8|client.requests: has no meaning when a journal"
            + " says",
        "2|rerun CLOSED --set trace=a|--set trace=a: trace: has no meaning when a journal says",
        "2|rerun CLOSED --set clients=[{count=4,offset=1}]|clients[0].offset: has no meaning",
        "2|rerun CLOSED --set clients=8|clients: must give 4, as many as asked in CLOSED",
        "2|rerun CLOSED --set hosts=1|hosts: must be 2: each host repeats its own requests",
        "2|rerun CLOSED --set client.rate=5k|client.rate: \"5k\" is none of closed, recorded",
        "2|rerun CLOSED --set iommu.mode=lasy|iommu.mode: \"lasy\" is none of",
        "2|rerun CLOSED --set requests-hash=0|requests-hash: the journal of CLOSED ends with",
        "2|rerun TRACED --closed-loop|--closed-loop: the requests of TRACED are those of a kernel"
            + " trace",
        "2|rerun TRACED --set client.depth=3|client.depth: has no meaning when a journaled trace"
            + " says",
        "2|rerun CLOSED --seed 2|unknown option",
        "1|rerun CLOSED --out CLOSED|CLOSED holds a run already",
        "2|run nvme-4k --set requests=nowhere|requests: nowhere does not exist",
        "2|run nvme-4k --set requests-hash=1|requests-hash: has no meaning without requests",
        "2|run nvme-4k --set client.rate=recorded|client.rate: \"recorded\" is not a rate",
      })
  void mistakesAreToldInOneLine(int code, String args, String message) {
    Ran wrong = mapstorm(named(args).split(" "));

    assertThat(wrong.code()).isEqualTo(code);
    assertThat(wrong.out()).isEmpty();
    assertThat(wrong.err().lines())
        .filteredOn(line -> !line.matches("mapstorm: \\d+ requests of .*"))
        .hasSize(1);
    assertThat(wrong.err()).startsWith("mapstorm: ").contains(named(message));
  }

  private static String named(String text) {
    return text.replace("CLOSED", path("closed")).replace("TRACED", path("traced"));
  }
}
