package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixTest {
  private static final String MIX =
      """
      hosts = 6
      seed = 5
      duration = 1ms
      journal.batch-events = 500
      iommu.mode = strict
      client.depth = 3
      mix = [
        { share = 2, scenario = nvme-batch, clients = 2 }
        { name = rx, scenario = nic-rx, iommu.mode = lazy, costs.walk-read = 90ns, clients = [ { name = a }, { name = b, depth = 7 } ] }
      ]
      """;

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("mine.conf"), text);
  }

  private Scenario load(String text, String... settings) throws IOException {
    ScenarioLoader loader = new ScenarioLoader("1");
    for (String setting : settings) {
      loader.set(setting);
    }
    return loader.load(file(text).toString());
  }

  private static ClientSpec.Synthetic client(HostSpec host, int number) {
    return (ClientSpec.Synthetic) host.clients().get(number);
  }

  /** What a host is, as text: the reserved ranges are arrays, which equal only themselves. */
  private static String shown(HostSpec host) {
    return host.toString().replaceAll("\\[J@\\p{XDigit}+", "[]");
  }

  @Test
  void hostsAreDealtOutToTheElementsWithSeedsOfTheirOwn() throws IOException {
    List<HostSpec> hosts = load(MIX).hosts();

    assertThat(hosts)
        .extracting(host -> host.devices().get(0).name())
        .containsExactly("nvme", "nic", "nvme", "nvme", "nic", "nvme");
    assertThat(hosts).extracting(HostSpec::host).containsExactly(0, 1, 2, 3, 4, 5);
    for (HostSpec host : hosts) {
      assertThat(host.seed()).isEqualTo(SplitMix.derive(5, host.host()));
      assertThat(host.endNs()).isEqualTo(1_000_000);
      assertThat(host.journal().batchEvents()).isEqualTo(500);
    }
  }

  @Test
  void anElementWinsOverItsScenarioAndThatOverWhatStandsBesideTheMix() throws IOException {
    List<HostSpec> hosts = load(MIX).hosts();
    HostSpec batch = hosts.get(0);
    HostSpec rx = hosts.get(1);

    assertThat(batch.clients()).hasSize(2);
    assertThat(client(batch, 0).api()).isEqualTo(MapApi.BATCH);
    assertThat(client(batch, 0).load().depth()).isEqualTo(32);
    assertThat(batch.domains().get(0).mode()).isEqualTo(IommuMode.STRICT);
    assertThat(batch.costs().walkRead()).isEqualTo(197);
    assertThat(rx.clients()).extracting(ClientSpec::name).containsExactly("a", "b");
    assertThat(client(rx, 0).load().depth()).isEqualTo(256);
    assertThat(client(rx, 1).load().depth()).isEqualTo(7);
    assertThat(rx.domains().get(0).mode()).isEqualTo(IommuMode.LAZY);
    assertThat(rx.costs().walkRead()).isEqualTo(90);
  }

  @Test
  void whatAnElementLeavesOutStandsBesideTheMix() throws IOException {
    List<HostSpec> hosts =
        load("duration = 1ms, hosts = 2, client.depth = 3, mix = [{ cpus = 8 }, { clients = 1 }]")
            .hosts();

    assertThat(client(hosts.get(0), 0).load().depth()).isEqualTo(3);
    assertThat(client(hosts.get(1), 0).load().depth()).isEqualTo(3);
    assertThat(hosts).extracting(HostSpec::cpus).containsExactly(8, 1);
  }

  @Test
  void optionsWinOverAllElements() throws IOException {
    List<HostSpec> hosts = load(MIX, "iommu.mode=lazy", "client.depth=9", "hosts=2").hosts();

    assertThat(hosts).hasSize(2).allMatch(h -> h.domains().get(0).mode() == IommuMode.LAZY);
    assertThat(client(hosts.get(0), 0).load().depth()).isEqualTo(9);
    assertThat(client(hosts.get(1), 0).load().depth()).isEqualTo(9);
  }

  @Test
  void moreHostsChangeNoEarlierOne() throws IOException {
    List<HostSpec> few = load(MIX).hosts();
    List<HostSpec> many = load(MIX, "hosts=50").hosts();

    assertThat(many.subList(0, 6).stream().map(MixTest::shown))
        .isEqualTo(few.stream().map(MixTest::shown).toList());
  }

  @Test
  void resolvedTextGivesTheSameHostsAgain() throws IOException {
    Scenario first = load(MIX, "client.bs=8k");

    Scenario again = load(first.text());

    assertThat(again.text()).isEqualTo(first.text()).doesNotContain("scenario=", "nic-rx");
    assertThat(again.hosts().stream().map(MixTest::shown))
        .isEqualTo(first.hosts().stream().map(MixTest::shown).toList());
    ResolvedScenario resolved = ResolvedScenario.of(first.text(), "text");
    assertThat(resolved.machines())
        .extracting(ResolvedMachine::name)
        .containsExactly("nvme-batch", "rx");
    assertThat(resolved.machine(4).devices()).containsExactly("nic");
    assertThat(resolved.machine(4).outlines())
        .extracting(ClientOutline::name)
        .containsExactly("a", "b");
    assertThat(resolved.machine(5).platform().costs().walkRead()).isEqualTo(197);
  }

  @Test
  void hostsOfAKindShareWhatIsTheSameInThem() throws IOException {
    List<HostSpec> hosts = load(MIX, "hosts=100000").hosts();

    assertThat(hosts).hasSize(100_000);
    HostSpec last = hosts.get(99_999);
    HostSpec first = hosts.get(0);
    assertThat(last.clients()).isSameAs(first.clients());
    assertThat(last.devices()).isSameAs(first.devices());
    assertThat(last.domains()).isSameAs(first.domains());
    assertThat(last.iommus()).isSameAs(first.iommus());
    assertThat(last.costs()).isSameAs(first.costs());
    assertThat(last.journal()).isEqualTo(first.journal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mix=[{hosts=2}]|mix[0].hosts: belongs to the whole run, not to a machine; set hosts beside"
            + " mix",
        "mix=[{},{seed=2}]|mix[1].seed: belongs to the whole run",
        "mix=[{duration=1ms}]|mix[0].duration: belongs to the whole run",
        "mix=[{mix=[]}]|mix[0].mix: belongs to the whole run",
        "mix=[{trace=x}]|mix[0].trace: belongs to the whole run",
        "mix=[{requests=x}]|mix[0].requests: belongs to the whole run",
        "mix=[{version=x}]|mix[0].version: belongs to the whole run",
        "mix=[{journal.credits=1}]|mix[0].journal: belongs to the whole run",
        "mix=[{client.dept=2}]|mix[0].client.dept: there is no such key; did you mean"
            + " mix[0].client.depth?",
        "mix=[{mode=lazy}]|mix[0].mode: there is no such key; did you mean mix[0].iommu.mode?",
        "mix=[{client.depth=0}]|mix[0].client.depth: must be 1 to 1048576, is 0",
        "mix=[{clients=[{depth=0}]}]|mix[0].clients[0].depth: must be 1 to 1048576, is 0",
        "mix=[{clients=[{dept=1}]}]|mix[0].clients[0].dept: there is no such key; did you mean"
            + " mix[0].clients[0].depth?",
        "mix=[{iommu.page-sizes=[3]}]|mix[0].iommu.page-sizes: must be ",
        "mix=[{share=0}]|mix[0].share: must be 1 to 1000, is 0",
        "mix=[{scenario=nvme-btach}]|mix[0].scenario: there is no scenario \"nvme-btach\"; did you"
            + " mean nvme-batch?",
        "mix=[{scenario=fleet}]|mix[0].scenario: fleet sets mix, which belongs to the whole run",
        "mix=[{scenario=nic-rx},{scenario=nic-rx}]|mix[1].name: \"nic-rx\" is mix[0] too; give it a"
            + " name of its own",
        "mix=[{name=a/b}]|mix[0].name: \"a/b\" must be letters, digits, dots and dashes",
        "mix=[7]|mix[0]: must be a kind of machine { share = …, scenario = …, … }",
        "mix=7|mix: must be a list [ … ], but is 7",
        "hosts=100001|hosts: must be 1 to 100000, is 100001",
      })
  void mistakesAreToldInOneSentence(String assignment, String message) {
    String start = message.replaceFirst(";$", "");
    assertThatThrownBy(() -> new ScenarioLoader("1").set(assignment).load("nvme-page"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(start)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void mistakesInAnElementNameFileAndLine() {
    assertThatThrownBy(() -> load("hosts = 2\nmix = [\n  {}\n  { clients = 0 }\n]\n"))
        .hasMessage(folder.resolve("mine.conf") + ":4: mix[1].clients: must be 1 to 16384, is 0");
  }

  @Test
  void aTraceIsThatOfOneMachine() throws IOException {
    assertThatThrownBy(() -> load("trace = some.trace, duration = auto, mix = [{}, {}]"))
        .hasMessageContaining("mix: has no meaning with a trace, which is that of one machine");
  }
}
