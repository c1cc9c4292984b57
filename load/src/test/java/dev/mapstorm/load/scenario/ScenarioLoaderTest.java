package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.iova.IovaSearch;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioLoaderTest {
  private static final Path SCENARIOS = Path.of("src/main/resources/scenarios");

  private static final Path TRACE =
      Path.of("src/test/resources/dev/mapstorm/load/traces/nvme-net-strict.trace.gz");

  /** Keys that take any text. */
  private static final Set<String> FREE =
      Set.of("description", "version", "client.name", "device.name", "trace");

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("builtIn")
  void everyBuiltInScenarioLoads(String name) {
    Scenario scenario = new ScenarioLoader("1").load(name);

    assertThat(scenario.name()).isEqualTo(name);
    assertThat(scenario.hosts()).isNotEmpty();
    assertThat(scenario.notes()).isEmpty();
  }

  @Test
  void theVersionThatWroteAFileIsNotSet() {
    assertThatThrownBy(() -> new ScenarioLoader("1").set("version=3"))
        .isInstanceOf(ScenarioException.class)
        .hasMessage("--set version=3: version says which mapstorm wrote a file, and is not set");
  }

  @Test
  void listOfBuiltInScenariosIsWhatTheFolderHolds() throws IOException {
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      List<String> names =
          files
              .filter(Files::isRegularFile)
              .map(file -> file.getFileName().toString().replace(".conf", ""))
              .filter(name -> !Set.of("reference", "trace").contains(name))
              .toList();
      assertThat(ScenarioLoader.builtIn().keySet()).containsExactlyInAnyOrderElementsOf(names);
    }
  }

  @Test
  void theFourWaysOfMappingDifferInNothingElse() {
    List<HostSpec> hosts =
        Stream.of("nvme-page", "nvme-sg", "nvme-batch", "nvme-iova")
            .map(name -> new ScenarioLoader("1").set("client.api=page").load(name).hosts().get(0))
            .toList();

    assertThat(hosts.stream().map(HostSpec::clients)).containsOnly(hosts.get(0).clients());
    assertThat(hosts.stream().map(HostSpec::devices)).containsOnly(hosts.get(0).devices());
    assertThat(hosts.stream().map(HostSpec::seed)).containsOnly(hosts.get(0).seed());
  }

  @Test
  void optionsWinOverTheFileAndTheFileOverTheDefaults() throws IOException {
    Path file = file("client { depth = 4, api = sg }\nseed = 9");

    Scenario scenario =
        new ScenarioLoader("1")
            .set("client.depth=8")
            .set("iommu.mode=lazy")
            .set("--seed", "seed", "7")
            .set("--duration", "duration", "3ms")
            .load(file.toString());

    HostSpec host = scenario.hosts().get(0);
    ClientSpec.Synthetic client = (ClientSpec.Synthetic) host.clients().get(0);
    assertThat(client.load()).isEqualTo(new LoadSpec.ClosedLoop(8, 0));
    assertThat(client.api()).isEqualTo(MapApi.SG);
    assertThat(host.domains().get(0).mode()).isEqualTo(IommuMode.LAZY);
    assertThat(scenario.seed()).isEqualTo(7);
    assertThat(host.endNs()).isEqualTo(3_000_000);
  }

  @Test
  void defaultsAreTheConstantsOfLinux() {
    HostSpec host = new ScenarioLoader("1").load("nvme-page").hosts().get(0);

    DmaIommuSpec domain = (DmaIommuSpec) host.domains().get(0);
    assertThat(domain.iova()).isEqualTo(IovaParameters.LINUX);
    assertThat(domain.reserved().get(0)).containsExactly(0xfee00L, 0xfeeffL);
    assertThat(domain.format().pageSizes()).isEqualTo(0x40201000L);
    assertThat(domain.segmentBoundaryMask()).isEqualTo(0xffffffffL);
  }

  @Test
  void groupsOfClientsDifferFromTheTemplateAndShareNoCpu() throws IOException {
    Path file =
        file(
            """
            client { api = batch, depth = 16 }
            devices = 2
            clients = [ { count = 2, name = data }, { name = log, bs = 4k, read-percent = 0, rate = 5k } ]
            """);

    HostSpec host = new ScenarioLoader("1").load(file.toString()).hosts().get(0);

    List<ClientSpec.Synthetic> clients =
        host.clients().stream().map(ClientSpec.Synthetic.class::cast).toList();
    assertThat(clients)
        .extracting(ClientSpec.Synthetic::name)
        .containsExactly("data0", "data1", "log");
    assertThat(clients).extracting(ClientSpec.Synthetic::cpu).containsExactly(0, 1, 2);
    assertThat(clients).extracting(ClientSpec.Synthetic::device).containsExactly(0, 1, 0);
    assertThat(clients.get(2).load()).isEqualTo(new LoadSpec.OpenLoop(5_000, true, 16, 0));
    assertThat(clients.get(2).workload().bytes()).isEqualTo(4096);
    assertThat(host.cpus()).isEqualTo(3);
    assertThat(host.domains()).hasSize(2);
  }

  @Test
  void hostsHaveSeedsOfTheirOwn() {
    Scenario scenario = new ScenarioLoader("1").set("hosts=3").set("seed=0").load("nvme-4k");

    assertThat(scenario.hosts())
        .extracting(HostSpec::seed)
        .containsExactly(SplitMix.derive(0, 0), SplitMix.derive(0, 1), SplitMix.derive(0, 2))
        .doesNotHaveDuplicates();
  }

  @Test
  void resolvedTextGivesTheSameRunAgain() throws IOException {
    Scenario first =
        new ScenarioLoader("1").set("costs.walk-read=250ns").set("seed=77").load("nic-rx");

    Scenario again = new ScenarioLoader("1").load(file(first.text()).toString());

    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.name()).isEqualTo("nic-rx");
    assertThat(again.hosts().get(0).costs()).isEqualTo(first.hosts().get(0).costs());
    assertThat(again.hosts().get(0).costs().walkRead()).isEqualTo(250);
    assertThat(again.hosts().get(0).clients()).isEqualTo(first.hosts().get(0).clients());
    assertThat(again.hosts().get(0).seed()).isEqualTo(first.hosts().get(0).seed());
  }

  @Test
  void aScenarioOfAnotherVersionIsNoted() throws IOException {
    Path file = file(new ScenarioLoader("0.9").load("nvme-4k").text());

    assertThat(new ScenarioLoader("1.0").load(file.toString()).notes())
        .singleElement()
        .asString()
        .contains("mapstorm 0.9, this is 1.0");
  }

  @Test
  void everyDocumentedKeyIsReadAndChecked() {
    ConfigFactory.parseFile(SCENARIOS.resolve("reference.conf").toFile()).entrySet().stream()
        .map(Map.Entry::getKey)
        .filter(key -> !FREE.contains(key))
        .forEach(
            key ->
                assertThatThrownBy(() -> loadWith(key + "=\"!bogus!\""), key)
                    .isInstanceOf(ScenarioException.class)
                    .hasMessageContaining(key.equals("platform") ? "platform" : key + ": "));
  }

  @Test
  void everyDocumentedKeyHasACommentAboveIt() {
    new KnownKeys(BuiltIn.reference().root())
        .paths()
        .forEach(
            key -> {
              var value = BuiltIn.reference().getValue(key);
              if (value.valueType() != ConfigValueType.OBJECT) {
                assertThat(value.origin().comments()).as(key).isNotEmpty();
              }
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iommu.mod=lazy|--set iommu.mod=lazy: iommu.mod: there is no such key; did you mean"
            + " iommu.mode?",
        "mode=lazy|mode: there is no such key; did you mean iommu.mode?",
        "client.colour=red|client.colour: there is no such key; known here: api, arrivals",
        "iommu.mode=lasy|iommu.mode: \"lasy\" is none of lazy, passthrough, strict; did you mean"
            + " lazy?",
        "client.api=coherent|client.api: \"coherent\" is none of batch, iommu, iova, page, sg",
        "duration=5|duration: \"5\" is not a time with a unit, such as 700ns",
        "duration=2 weeks|duration: \"2 weeks\" is not a time with a unit",
        "duration=99999999999s|duration: \"99999999999s\" is too much",
        "duration=0.5ns|duration: \"0.5ns\" is no whole number of nanoseconds",
        "client.depth=0|client.depth: must be 1 to 1048576, is 0",
        "client.depth=deep|client.depth: must be a whole number, but is \"deep\"",
        "client.depth=[1]|client.depth: must be a whole number, but is a list",
        "client.segment=6000|client.segment: 6000 bytes are no whole number of 4 KiB pages",
        "iommu=strict|iommu: must be a section { … } with address-bits",
        "iommu.pci=maybe|iommu.pci: must be true or false, but is \"maybe\"",
        "cpus=2|cpus: 2 CPUs are too few, the clients need 4",
        "clients=[{count=0}]|clients[0].count: must be 1 to 16384, is 0",
        "clients=[{dept=1}]|clients[0].dept: there is no such key; did you mean clients[0].depth?",
        "client.device=1|client.device: must be 0, is 1",
        "client.api=recorded|client.api: \"recorded\" is none of batch, iommu, iova, page, sg",
        "duration=auto|duration: can be auto for a trace or journaled requests only; say how long",
        "iommu.page-sizes=[2MiB]|iommu.page-sizes: must hold 4KiB",
        "iommu.reserved=[[2]]|iommu.reserved: must hold pairs",
        "iommu.flush-queue.entries=300|iommu.flush-queue.entries: 300 is not a power of two",
        "costs.walkread=1|costs.walkread: no platform has such a figure; did you mean walk-read?",
        "costs.walk-read=[1]|costs.walk-read: must be one figure, not a list",
        "cpus=16385|cpus: must be 1 to 16384, is 16385",
        "clients=16385|clients: must be 1 to 16384, is 16385",
        "devices=1025|devices: must be 1 to 1024, is 1025",
        "iommu.iova.max-cached-order=21|iommu.iova.max-cached-order: must be -1 to" + " 20, is 21",
        "unit.iotlb-ways=7|unit.iotlb-entries: 128 is no multiple of unit.iotlb-ways, 7",
        "platform=xeon-skylake-vdt|there is no platform \"xeon-skylake-vdt\"; did you mean"
            + " xeon-skylake-vtd?",
        "platform=a/b.conf|a/b.conf: there is no such platform file",
        "seed|--set seed: must be key=value",
        "seed={|--set seed={: seed: has a bracket without its end",
        "seed=1 seed=2|--set seed=1 seed=2: is not HOCON",
      })
  void mistakesAreToldInOneSentence(String assignment, String message) {
    String start = message.replaceFirst(";$", "");
    assertThatThrownBy(() -> loadWith(assignment))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(start)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void mistakesInAFileNameFileAndLine() throws IOException {
    Path file = file("seed = 1\n\nclient {\n  deph = 3\n}\n");

    assertThatThrownBy(() -> new ScenarioLoader("1").load(file.toString()))
        .hasMessage(file + ":4: client.deph: there is no such key; did you mean client.depth?");
  }

  @Test
  void brokenHoconNamesFileAndLine() throws IOException {
    Path file = file("seed = 1\nclient {\n");

    assertThatThrownBy(() -> new ScenarioLoader("1").load(file.toString()))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(":3: client: has a bracket without its end");
  }

  @Test
  void aMissingIncludeIsAnError() throws IOException {
    Path file = file("include \"nowhere\"\nseed = 2");

    assertThatThrownBy(() -> new ScenarioLoader("1").load(file.toString()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage("include \"nowhere\": there is no such file");
  }

  @Test
  void aFileOfTheWorkingDirectoryFindsWhatStandsBesideIt() throws IOException {
    Path base = Files.createTempFile(Path.of(""), "base", ".conf");
    Path file = Files.createTempFile(Path.of(""), "mine", ".conf");
    try {
      Files.writeString(base, "seed = 42");
      Files.writeString(file, "include \"%s\"".formatted(base));

      assertThat(new ScenarioLoader("1").load(file.toString()).text()).contains("seed=42");
    } finally {
      Files.delete(file);
      Files.delete(base);
    }
  }

  @Test
  void aBuiltInScenarioThatIsIncludedLikeAFileIsToldHow() throws IOException {
    Path file = file("include \"nvme-4k\"");

    assertThatThrownBy(() -> new ScenarioLoader("1").load(file.toString()))
        .isInstanceOf(ScenarioException.class)
        .hasMessage(
            "include \"nvme-4k\": there is no such file; "
                + "the built-in scenario is include classpath(\"scenarios/nvme-4k.conf\")");
  }

  @Test
  void aFileCanBuildOnABuiltInScenario() throws IOException {
    Path file = file("include classpath(\"scenarios/nvme-4k-lazy.conf\")\nclient.depth = 2");

    HostSpec host = new ScenarioLoader("1").load(file.toString()).hosts().get(0);

    assertThat(host.domains().get(0).mode()).isEqualTo(IommuMode.LAZY);
    assertThat(((ClientSpec.Synthetic) host.clients().get(0)).workload().bytes()).isEqualTo(4096);
  }

  @Test
  void aTraceBecomesOneClientForEachTracedDevice() {
    Scenario scenario = new ScenarioLoader("1").trace(TRACE).set("iommu.mode=lazy").loadTrace();

    HostSpec host = scenario.hosts().get(0);
    assertThat(host.clients())
        .hasSameSizeAs(host.devices())
        .allSatisfy(
            client -> {
              ClientSpec.Recorded recorded = (ClientSpec.Recorded) client;
              assertThat(recorded.api()).isNull();
              assertThat(recorded.requests().t()).isSorted();
              assertThat(host.endNs())
                  .isGreaterThan(recorded.requests().t()[recorded.requests().size() - 1]);
            });
    assertThat(host.devices().get(0).name()).matches("0000:00:.*");
    assertThat(host.cpus()).isEqualTo(4);
    assertThat(host.domains()).allMatch(domain -> domain.mode() == IommuMode.LAZY);
    assertThat(scenario.notes().get(0)).startsWith("trace of ");
  }

  @Test
  void everyReleaseOfATraceNamesAnEarlierMapOfItsDevice() {
    HostSpec host = new ScenarioLoader("1").trace(TRACE).loadTrace().hosts().get(0);

    for (ClientSpec client : host.clients()) {
      RecordedRequests requests = ((ClientSpec.Recorded) client).requests();
      Set<Integer> live = new HashSet<>();
      long maps = 0;
      for (int i = 0; i < requests.size(); i++) {
        if (requests.release()[i]) {
          assertThat(live.remove(requests.op()[i])).isTrue();
        } else {
          assertThat(requests.op()[i]).isEqualTo(maps++);
          live.add(requests.op()[i]);
        }
      }
    }
  }

  @Test
  void aResolvedTraceScenarioGivesTheSameRunAgain() throws IOException {
    Scenario first = new ScenarioLoader("1").trace(TRACE).set("client.api=batch").loadTrace();

    Scenario again = new ScenarioLoader("1").load(file(first.text()).toString());

    assertThat(again.text()).isEqualTo(first.text());
    assertThat(((ClientSpec.Recorded) again.hosts().get(0).clients().get(0)).api())
        .isEqualTo(MapApi.BATCH);
  }

  @Test
  void whatATraceSaysItselfIsRefused() {
    assertThatThrownBy(() -> new ScenarioLoader("1").trace(TRACE).set("client.depth=8").loadTrace())
        .hasMessageContaining("client.depth: has no meaning when a trace says what is asked");
    assertThatThrownBy(() -> new ScenarioLoader("1").trace(Path.of("none.trace")).loadTrace())
        .hasMessageContaining("none.trace: no such file");
  }

  @Test
  void unknownScenariosAreSuggested() {
    assertThatThrownBy(() -> new ScenarioLoader("1").load("nvme-btach"))
        .hasMessageStartingWith("there is no scenario \"nvme-btach\"; did you mean nvme-batch?");
    assertThatThrownBy(() -> new ScenarioLoader("1").load("mine.conf"))
        .hasMessage("mine.conf: there is no such scenario file");
  }

  static Stream<String> builtIn() {
    return ScenarioLoader.builtIn().keySet().stream();
  }

  private static Scenario loadWith(String assignment) {
    return new ScenarioLoader("1").set(assignment).load("nvme-page");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("mine.conf"), text);
  }

  @Test
  void aSingleFlushQueueHasLinuxsSizeAndTimeout() {
    assertThat(flush("iommu.flush-queue.single=true"))
        .isEqualTo(new FlushSpec(true, 32_768, 1_000_000_000));
    assertThat(flush("iommu.flush-queue.single=false"))
        .isEqualTo(new FlushSpec(false, 256, 10_000_000));
    assertThat(flush("iommu.flush-queue.timeout=3ms"))
        .isEqualTo(new FlushSpec(false, 256, 3_000_000));
  }

  private static FlushSpec flush(String set) {
    return domain(set).flush();
  }

  private static DmaIommuSpec domain(String set) {
    HostSpec host = new ScenarioLoader("1").set(set).load("nvme-4k").hosts().get(0);
    return (DmaIommuSpec) host.domains().get(0);
  }

  @Test
  void policiesOfTheAllocatorAreRead() {
    assertThat(domain("iommu.iova.depot-limit=none").iova().depotLimit()).isZero();
    assertThat(domain("iommu.iova.depot-limit=32").iova().depotLimit()).isEqualTo(32);
    assertThat(domain("iommu.iova.search=maple").iova().search()).isEqualTo(IovaSearch.MAPLE);
  }

  @Test
  void unitsInCachingModeAreStrict() {
    ScenarioLoader lazy = new ScenarioLoader("1").set("unit.caching-mode=1");
    assertThatThrownBy(() -> lazy.load("nvme-4k-lazy"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("iommu.mode: must be strict behind units in caching mode");
    assertThat(lazy.load("nvme-4k").hosts()).hasSize(1);
  }
}
