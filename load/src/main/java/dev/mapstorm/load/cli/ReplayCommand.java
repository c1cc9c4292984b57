package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.StateSelection;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.persistence.replay.ClientsOfDevice;
import dev.mapstorm.persistence.replay.EventsUntil;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.IovaLife;
import dev.mapstorm.persistence.replay.LifeFilter;
import dev.mapstorm.persistence.replay.LifeRow;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventSink;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a run at an instant, or follows an address or a device through it. */
@Command(
    name = "replay",
    description = {
      "Shows a host of a run as it was at an instant: IOVA ranges and their state, page-table entries, cached"
          + " ranges, flush queues, invalidations and requests in flight. By default at the end of the journal.",
      "",
      "With --follow it tells instead everything that happened to an address, or to what the clients of a device"
          + " asked for, up to that instant. Nothing is simulated again: the journal is read from its beginning.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm replay runs/nvme-4k-1 --at 1.5ms",
      "  mapstorm replay runs/nvme-4k-1 --event 100000 --device nvme",
      "  mapstorm replay runs/nvme-4k-1 --iova 0xffff3000 --follow",
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int ROWS_OF_STATE = 20;
  private static final int ROWS_OF_LIFE = 1000;

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @ArgGroup private Until until = new Until();

  @Option(
      names = "--iova",
      paramLabel = "ADDR",
      description = "Only what concerns this DMA address, in hexadecimal.")
  private String iova;

  @Mixin private final DeviceChoice device = new DeviceChoice();

  @Option(names = "--follow", description = "Tell every event of the address or device.")
  private boolean follow;

  @Option(names = "--host", paramLabel = "H", description = "The host, if there are several.")
  private Integer host;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Most rows of each list; by default 20, with --follow 1000.")
  private Integer rows;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Where replay ends. */
  static final class Until {
    @Option(names = "--at", paramLabel = "TIME", description = "At this instant, such as 1.5ms.")
    private String instant;

    @Option(names = "--event", paramLabel = "N", description = "After this many events.")
    private Long events;
  }

  /**
   * The life of an address or a device.
   *
   * @param omitted events that were too many to show
   * @param collateral invalidations that dropped the address's translation although it was mapped
   */
  record Life(List<LifeRow> events, long omitted, long collateral) {}

  ReplayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (follow && iova == null && !device.isMade()) {
      throw new CommandException(ExitCode.USAGE, "--follow what? Name an --iova or a --device");
    }
    RecordedRun run = salvage.open(console, path);
    int number = host(run);
    long pfn = iova == null ? LifeFilter.ANY : Granule.pfn(address());
    OptionalInt chosen = device.of(run);
    BitSet clients = chosen.isEmpty() ? null : clientsOf(run, number, chosen.getAsInt());
    if (follow) {
      life(run, number, pfn, clients);
    } else {
      state(run, number, pfn, clients);
    }
    return ExitCode.OK;
  }

  private void state(RecordedRun run, int number, long pfn, BitSet clients) {
    int domains = run.scenario().devices().size();
    HostFold fold = new HostFold(Collections.nCopies(domains, run.scenario().iova()));
    feed(run, number, fold);
    HostState state = fold.state();
    if (pfn >= 0 || clients != null) {
      state = StateSelection.of(state, pfn, clients);
    }
    if (json) {
      SalvageChoice.printJson(console, state, List.of(run));
    } else {
      SalvageChoice.print(console, List.of(run));
      console.out().print(StateText.of(state, rows == null ? ROWS_OF_STATE : rows));
    }
  }

  private void life(RecordedRun run, int number, long pfn, BitSet clients) {
    boolean any = clients == null;
    BitSet some = any ? new BitSet() : clients;
    IovaLife life =
        new IovaLife(
            new LifeFilter(pfn, LifeFilter.ANY, any, some), rows == null ? ROWS_OF_LIFE : rows);
    feed(run, number, life);
    if (json) {
      Life told = new Life(life.rows(), life.omitted(), life.collateral());
      SalvageChoice.printJson(console, told, List.of(run));
      return;
    }
    SalvageChoice.print(console, List.of(run));
    console.out().print(StateText.of(life.rows()));
    if (life.omitted() > 0) {
      console.print("... and %d more; --rows shows them".formatted(life.omitted()));
    }
    if (life.collateral() > 0) {
      console.print(
          "%d invalidations dropped its translation while it was mapped"
              .formatted(life.collateral()));
    }
  }

  private BitSet clientsOf(RecordedRun run, int number, int ofDevice) {
    ClientsOfDevice clients = new ClientsOfDevice(ofDevice);
    feed(run, number, clients);
    return clients.clients();
  }

  private void feed(RecordedRun run, int number, EventSink sink) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      run.replay(
          number, events(sink), (part, events) -> line.events("reading " + path, part, events));
    }
  }

  private EventsUntil events(EventSink sink) {
    if (until.instant != null) {
      return EventsUntil.instant(sink, instant());
    }
    return until.events != null ? EventsUntil.count(sink, until.events) : EventsUntil.end(sink);
  }

  private long instant() {
    try {
      return Quantity.TIME.parse(until.instant);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "--at: " + e.getMessage());
    }
  }

  private long address() {
    try {
      return Long.parseUnsignedLong(iova.replaceFirst("^0[xX]", ""), 16);
    } catch (NumberFormatException e) {
      throw new CommandException(
          ExitCode.USAGE, "--iova %s: must be hexadecimal, such as 0xffff3000".formatted(iova));
    }
  }

  private int host(RecordedRun run) {
    List<Integer> hosts = run.hosts();
    if (host == null && hosts.size() == 1) {
      return hosts.get(0);
    }
    if (host == null || !hosts.contains(host)) {
      throw new CommandException(
          ExitCode.USAGE,
          "%s: the run has the hosts %s; name one with --host"
              .formatted(host == null ? path : "--host " + host, hosts));
    }
    return host;
  }
}
