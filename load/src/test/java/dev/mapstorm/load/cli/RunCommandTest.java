package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run, and what can be asked of it afterwards. */
class RunCommandTest {
  private static final String TRACE =
      "src/test/resources/dev/mapstorm/load/traces/nvme-mixed-lazy.trace.gz";

  @TempDir static Path folder;

  private static Path run;
  private static Ran ran;

  @BeforeAll
  static void runOnce() {
    run = folder.resolve("run");
    ran = mapstorm("run", "nvme-4k", "--duration", "2ms", "--out", run.toString(), "--json");
  }

  @Test
  void whatLiesBehindTheEndIsShownAsTheEndAndSaidToBe() {
    Path run = folder.resolve("short");
    mapstorm("run", "nvme-4k", "--duration", "100us", "--out", run.toString());

    Ran at = mapstorm("replay", run.toString(), "--at", "1s");
    Ran event = mapstorm("replay", run.toString(), "--event", "1000000");

    assertThat(at.err()).startsWith("mapstorm: --at 1s: the journal of host 0 ends at 0.000");
    assertThat(event.err()).startsWith("mapstorm: --event 1000000: the journal ends after ");
    assertThat(event.out()).isEqualTo(at.out());
  }

  /** 16385 CPUs passed the scenario and failed in the allocator, with code 1 and a directory. */
  @ParameterizedTest
  @CsvSource({"cpus=16385", "clients=16385", "devices=2000", "iommu.iova.max-cached-order=21"})
  void aMachineThatCannotBeIsRefusedBeforeTheRunBegins(String setting) {
    Path refused = folder.resolve("refused");

    Ran run = mapstorm("run", "nvme-4k", "--set", setting, "--out", refused.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(": must be ");
    assertThat(refused).doesNotExist();
  }

  /** It died after a minute, with the run directory made. */
  @Test
  void aHostThatDoesNotFitIsRefusedBeforeItsDirectoryIsMade() {
    Path none = folder.resolve("none");

    Ran large =
        mapstorm(
            "run",
            "nvme-4k",
            "--set",
            "clients=8192",
            "--set",
            "client.depth=65536",
            "--set",
            "devices=1024",
            "--out",
            none.toString());
    Ran many = mapstorm("run", "nvme-4k", "--set", "hosts=100000", "--out", none.toString());

    assertThat(large.code()).isEqualTo(2);
    assertThat(large.err())
        .contains("mapstorm: one host needs about ", " of heap is free: lower clients (8192), ")
        .contains("devices (1024), cpus (8192)", "MAPSTORM_JAVA_OPTS=-Xmx");
    assertThat(many.code()).isEqualTo(2);
    assertThat(many.err()).contains("what is kept of 100000 hosts", "lower hosts (100000)");
    assertThat(none).doesNotExist();
  }

  @Test
  void aRunWhoseScenarioDoesNotFitIsNotExecutedAgain() throws IOException {
    Path edited = folder.resolve("edited");
    mapstorm("run", "nvme-4k", "--duration", "100us", "--out", edited.toString());
    Path conf = edited.resolve("scenario.conf");
    Files.writeString(conf, Files.readString(conf) + "\nclients=8192\nclient.depth=65536\n");

    Ran verify = mapstorm("verify", edited.toString());

    assertThat(verify.code()).isEqualTo(2);
    assertThat(verify.err()).contains("mapstorm: one host needs about ");
  }

  @Test
  void reportsAsJsonOnStandardOutputOnly() {
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).startsWith("mapstorm: running nvme-4k for 2.000 ms");
    JsonNode json = ran.json();
    assertThat(json.get("complete").asBoolean()).isTrue();
    assertThat(json.get("virtualNs").asLong()).isBetween(1_990_000L, 2_000_000L);
    assertThat(json.at("/analysis/total/done").asLong()).isPositive();
    assertThat(json.at("/analysis/run/events").asLong())
        .isEqualTo(json.at("/journal/events").asLong());
    assertThat(json.at("/platform/assumed")).isNotEmpty();
  }

  @Test
  void leavesScenarioJournalAndReport() throws IOException {
    assertThat(run).isDirectoryContaining("glob:**/{scenario.conf,journal.db,report.json}");
    assertThat(Files.readString(run.resolve("report.json"))).isEqualTo(ran.out());
  }

  @Test
  void analysisOfTheJournalFindsWhatTheRunReported() {
    ObjectNode expected = ran.json().deepCopy();
    expected.remove("wall");

    Ran analysed = mapstorm("analyze", run.toString(), "--json");

    assertThat(analysed.json()).isEqualTo(expected);
    assertThat(analysed.err()).isEmpty();
  }

  @Test
  void itsOwnScenarioFileRunsAgainToTheSameHash() {
    String again = folder.resolve("again").toString();

    Ran second = mapstorm("run", run + "/scenario.conf", "--out", again, "--json");

    assertThat(second.json().at("/journal/hash")).isEqualTo(ran.json().at("/journal/hash"));
    assertThat(second.json().get("analysis")).isEqualTo(ran.json().get("analysis"));
  }

  @Test
  void anotherSeedGivesAnotherHash() {
    String other = folder.resolve("other").toString();

    Ran second =
        mapstorm("run", "nvme-4k", "--duration", "2ms", "--seed", "2", "--out", other, "--json");

    assertThat(second.json().at("/journal/hash")).isNotEqualTo(ran.json().at("/journal/hash"));
  }

  @Test
  void textReportNamesAssumptionsHashAndDirectory() {
    Ran text = mapstorm("analyze", run.toString());

    assertThat(text.out())
        .startsWith("nvme-4k: ")
        .contains("L5 cache_lock", "figures are assumptions", "bytes an event")
        .contains("hash      " + ran.json().at("/journal/hash").asText());
  }

  @Test
  void severalHostsEachHaveTheirStream() {
    Path out = folder.resolve("hosts");
    Ran hosts =
        mapstorm(
            "run",
            "nvme-4k",
            "--duration",
            "500us",
            "--set",
            "hosts=3",
            "--lanes",
            "2",
            "--out",
            out.toString(),
            "--json");

    assertThat(hosts.json().get("hosts")).hasSize(3);
    assertThat(mapstorm("replay", out.toString()).err())
        .contains("the run has hosts 0 to 2; name one with --host");
    assertThat(mapstorm("replay", out.toString(), "--host", "2").out()).startsWith("at ");
  }

  @Test
  void aTraceRunsUnderAnotherPolicy() {
    String out = folder.resolve("traced").toString();

    Ran traced =
        mapstorm("run", "--trace", TRACE, "--set", "iommu.mode=strict", "--out", out, "--json");

    JsonNode total = traced.json().at("/analysis/total");
    assertThat(traced.err()).contains("trace of ", "lazy:");
    assertThat(total.get("mappings").asLong()).isGreaterThan(1000);
    assertThat(traced.json().at("/analysis/invalidations/pageSelective").asLong())
        .isGreaterThan(1000);
    assertThat(mapstorm("replay", out, "--device", "0000:00:03.0").code()).isZero();
  }

  @Test
  void replayShowsTheStateAtAnInstant() {
    JsonNode state = mapstorm("replay", run.toString(), "--at", "1ms", "--json").json();

    assertThat(state.get("t").asLong()).isBetween(900_000L, 1_000_000L);
    assertThat(state.at("/domains/0/ranges")).hasSizeGreaterThan(50);
    assertThat(state.get("violations")).isEmpty();
    assertThat(mapstorm("replay", run.toString(), "--event", "100").out())
        .contains("after 100 events");
  }

  @Test
  void replaySelectsAnAddressAndFollowsIt() {
    JsonNode range =
        mapstorm("replay", run.toString(), "--at", "1ms", "--json")
            .json()
            .at("/domains/0/ranges/7");
    String address = "0x" + Long.toHexString(range.get("pfn").asLong() << 12);

    JsonNode selected =
        mapstorm("replay", run.toString(), "--at", "1ms", "--iova", address, "--json").json();
    Ran life = mapstorm("replay", run.toString(), "--iova", address, "--follow");

    assertThat(selected.at("/domains/0/ranges")).containsExactly(range);
    assertThat(selected.get("requests")).hasSizeLessThanOrEqualTo(1);
    assertThat(life.out()).contains("dma-requested", "iova-allocated", "mapped", address);
  }

  @Test
  void replayOfADeviceHoldsOnlyItsClients() {
    Path out = folder.resolve("devices");
    mapstorm(
        "run", "nvme-4k", "--duration", "500us", "--set", "devices=2", "--out", out.toString());

    JsonNode state =
        mapstorm("replay", out.toString(), "--at", "400us", "--device", "nvme1", "--json").json();

    assertThat(state.get("requests"))
        .isNotEmpty()
        .allMatch(request -> request.get("client").asInt() % 2 == 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2|run|run what? Name a scenario",
        "2|run nvme-btach|there is no scenario \"nvme-btach\"; did you mean nvme-batch?",
        "2|run nvme-4k --lanes 0|--lanes 0: must be 1 to 1024",
        "2|run nvme-4k --set iommu.mod=lazy|--set iommu.mod=lazy: iommu.mod: there is no such key",
        "2|run nvme-4k --seed x|invalid value for option '--seed': 'x' is not a long",
        "2|run nvme-4k --duration 5|--duration 5: duration: \"5\" is not a time with a unit",
        "2|run nvme-4k --trace t.gz|",
        "1|run nvme-4k --out RUN|RUN holds a run already",
        "1|run --trace nowhere.trace|",
        "1|analyze nowhere|nowhere does not exist",
        "1|replay src|src is not a run directory",
        "2|replay RUN --follow|--follow what? Name an --iova or a --device",
        "2|replay RUN --at soon|--at: \"soon\" is not a time with a unit",
        "2|replay RUN --iova here|--iova here: must be hexadecimal",
        "2|replay RUN --device nvmo|--device nvmo: the run has nvme; did you mean nvme?",
        "2|replay RUN --at 1ms --event 2|--at=TIME, --event=N are mutually exclusive",
      })
  void mistakesAreToldInOneLine(int code, String args, String message) {
    Ran wrong = mapstorm(args.replace("RUN", run.toString()).split(" "));

    assertThat(wrong.code()).isEqualTo(code);
    assertThat(wrong.out()).isEmpty();
    assertThat(wrong.err().lines()).hasSize(1);
    assertThat(wrong.err())
        .startsWith("mapstorm: ")
        .contains(message == null ? "" : message.replace("RUN", run.toString()));
  }
}
