package dev.mapstorm.load.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.ObjectGraph;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.report.RunAnalysis;
import dev.mapstorm.protocol.event.EventSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunMemoryTest {
  /** What the launcher gives. */
  private static final long HEAP = 1150L << 20;

  private static Scenario scenario(String name, String... assignments) {
    ScenarioLoader loader = new ScenarioLoader("test");
    for (String assignment : assignments) {
      loader.set(assignment);
    }
    return loader.load(name);
  }

  @Test
  void shouldRunAThousandHostsSomeAtATime() {
    Scenario thousand = scenario("nvme-4k", "hosts=1000");
    RunMemory memory = new RunMemory(thousand, HEAP);

    assertThatCode(memory::check).doesNotThrowAnyException();
    HostRoom room = memory.room();
    assertThat(room.bytes() / room.ofHost().applyAsLong(thousand.hosts().get(0)))
        .isBetween(8L, 100L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nvme-page",
        "nvme-sg",
        "nvme-batch",
        "nvme-iova",
        "nvme-blk",
        "nvme-4k-lazy",
        "nic-rx",
        "fleet"
      })
  void shouldHaveRoomForWhatComesWithTheProgram(String name) {
    assertThatCode(() -> new RunMemory(scenario(name), HEAP).check()).doesNotThrowAnyException();
  }

  @Test
  void shouldNameTheFiguresAndWhatToLower() {
    Scenario large = scenario("nvme-page", "clients=8192", "devices=1024");

    assertThatThrownBy(() -> new RunMemory(large, HEAP).check())
        .isInstanceOf(ScenarioException.class)
        .hasMessageMatching(
            "one host needs about [0-9.]+ GiB, and [0-9.]+ MiB of heap is free: lower clients"
                + " \\(8192\\), devices \\(1024\\), cpus \\(8192\\), client.depth or client.bs,"
                + " or give more with MAPSTORM_JAVA_OPTS=-Xmx[0-9]+g");
    assertThatThrownBy(() -> new RunMemory(scenario("nvme-4k", "hosts=100000"), HEAP).check())
        .hasMessageContaining("lower hosts (100000)");
    assertThatThrownBy(
            () ->
                new RunMemory(
                        scenario(
                            "nvme-4k",
                            "duration=10s",
                            "journal.credits=1024",
                            "journal.batch-events=1048576"),
                        HEAP)
                    .check())
        .hasMessageContaining("lower journal.credits (1024) or journal.batch-events (1048576)");
  }

  /** It once killed every node, again and again. */
  @Test
  void shouldKnowWhetherANodeCanRunTheHostsOfAFleet() {
    Scenario poison = scenario("nvme-4k", "hosts=100000", "clients=8192", "devices=1024");

    assertThatThrownBy(() -> RunMemory.checkForNode(poison, HEAP))
        .isInstanceOf(ScenarioException.class)
        .hasMessageMatching("one host needs about .* GiB, and 765 MiB of heap is free: lower .*");
    Scenario brief =
        scenario("nvme-page", "hosts=100000", "clients=8192", "devices=1024", "duration=1ns");
    assertThatCode(() -> RunMemory.checkForNode(brief, HEAP)).doesNotThrowAnyException();
    assertThatThrownBy(() -> RunMemory.checkForNode(brief, 300L << 20))
        .hasMessageContaining("lower clients (8192), devices (1024)");
  }

  /** The figures and the fold of the index, counted after a run of each. */
  @ParameterizedTest
  @ValueSource(strings = {"nvme-page", "nvme-4k", "nvme-4k-lazy", "nic-rx"})
  void shouldKnowWhatLooksAtEventsTakes(String name) {
    Scenario scenario = scenario(name, "duration=20ms", "clients=40", "devices=4");
    HostSpec host = scenario.hosts().get(0);
    RunAnalysis analysis = new RunAnalysis();
    EventSink figures = analysis.host(0);
    HostFold fold = new HostFold(DmaIommuSpec.caches(host));
    new BareLoop(
            host,
            words -> {
              words.forEach(figures);
              words.forEach(fold);
            })
        .run();
    long counted =
        ObjectGraph.bytes(figures, "java.lang.String")
            + ObjectGraph.bytes(
                fold, "java.lang.String", "dev.mapstorm.actors.model.iova.IovaParameters");
    long own = RunMemory.own(host);
    long beside = new RunMemory(scenario, HEAP).room().ofHost().applyAsLong(host) - own;
    analysis.pack(0);

    assertThat(beside).isBetween(counted, 8 * counted);
    assertThat(ObjectGraph.bytes(figures, "java.lang.String")).isLessThan(RunMemory.ended(host));
  }
}
