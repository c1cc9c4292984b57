package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What public reports describe can be asked: the scenarios of some, with what they lacked. */
class ReportedScenariosTest {
  @TempDir Path folder;

  private Path report(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = getClass().getResourceAsStream("/dev/mapstorm/load/reports/" + name)) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  private HostSpec load(Path file, String... more) {
    ScenarioLoader loader = new ScenarioLoader("test");
    for (String each : more) {
      loader.set(each);
    }
    return loader.load(file.toString()).hosts().get(0);
  }

  private static List<Event> run(HostSpec host) {
    List<Event> events = new ArrayList<>();
    EventRecorder recorder = new EventRecorder(events::add);
    new BareLoop(host, words -> words.forEach(recorder)).run();
    return events;
  }

  private static long done(List<Event> events) {
    return events.stream().filter(Event.RequestDone.class::isInstance).count();
  }

  /** A quarter of a space of 2^20 pages is occupied for the whole run, and walks are long. */
  @Test
  void mappingsStandInOccupiedSpace() throws IOException {
    Path standing = folder.resolve("standing.conf");
    Files.writeString(
        standing,
        """
        include file("%s")
        duration = 20ms
        iommu.address-bits = 26
        clients = [
          { name = standing, map = once, buffers = 4096, rate = none, requests = 0 }
          { name = io, depth = 1024, requests = 0 }
        ]
        device { latency = 100us, jitter = 300us }
        """
            .formatted(report("30-occupied-space.conf").toAbsolutePath()));
    List<Event> events = run(load(standing));
    long stands = events.stream().filter(e -> e instanceof Event.Mapped).count() - done(events);
    assertThat(stands).isGreaterThanOrEqualTo(4096);
    assertThat(done(events)).isGreaterThan(1000);
    assertThat(
            events.stream()
                .filter(Event.IovaAllocated.class::isInstance)
                .mapToInt(e -> ((Event.IovaAllocated) e).walk())
                .max()
                .getAsInt())
        .isGreaterThan(500);
  }

  /** Two drives on one uplink of 7.88 GB/s do not do more together than that carries. */
  @Test
  void twoDrivesShareAnUplink() throws IOException {
    Path report = report("31-two-drives-one-uplink.conf");
    String passthrough = "iommu.mode=passthrough";
    String apart = "client.completion-cpu=own";
    long alone = done(run(load(report, passthrough, apart)));
    long shared = done(run(load(report, passthrough, apart, "device.uplink=0")));
    long carries = 7_880_000_000L / 4096 / 100;
    assertThat(shared).isLessThanOrEqualTo(carries).isGreaterThan(carries * 9 / 10);
    assertThat(alone).isGreaterThan(shared * 5 / 4);
  }

  @Test
  void whatCannotBeIsRefusedInOneSentence() throws IOException {
    Path report = report("31-two-drives-one-uplink.conf");
    refused(report, "rate: none asks for nothing, and needs map = once", "client.rate=none");
    refused(report, "buffers: must be at least 1 with map = once", "client.map=once");
    refused(
        report,
        "depth: 32 requests do not find room in the buffers that stay mapped, which hold 4",
        "client.map=once",
        "client.buffers=4");
    refused(
        report,
        "buffer-size: must hold a request of 4096 bytes, is 2048",
        "client.map=once",
        "client.buffers=64",
        "client.buffer-size=2KiB");
    refused(report, "iova: has a meaning only with api = iommu", "client.iova=4096");
    refused(report, "iova: must be a multiple of 4096", "client.api=iommu", "client.iova=0x1001");
    refused(
        report,
        "domains: cannot be shared: device nvme0 is used by the IOMMU API",
        "client.api=iommu",
        "iommu.domains=shared");
    refused(report, "keep-iovas: has no meaning without a trace", "keep-iovas=true");
    refused(
        report,
        "uplink-bandwidth: is 1000000000 B/s, and 7880000000 B/s for another device of uplink 3",
        "devices=[{uplink=3},{uplink=3,uplink-bandwidth=1GB/s}]");
    refused(report, "devices[0].mask: must be 20 to 64, is 19", "devices=[{mask=19}]");
  }

  private void refused(Path report, String why, String... more) {
    assertThatThrownBy(() -> load(report, more))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(why);
  }
}
