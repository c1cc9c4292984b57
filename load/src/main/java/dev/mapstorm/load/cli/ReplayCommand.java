package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.run.StateSelection;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.load.step.StepSession;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.index.RunIndex;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.IovaLife;
import dev.mapstorm.persistence.replay.LifeFilter;
import dev.mapstorm.persistence.replay.LifeRow;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.event.EventSink;
import java.nio.file.Path;
import java.util.BitSet;
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
      "With --follow it shows instead everything that happened to an address, or to what the clients of a device"
          + " asked for, up to that instant.",
      "",
      "With --step or --exec it goes through the events, forwards and backwards, as a debugger does: to the next of a"
          + " kind, device, address or lock, with the state at hand everywhere. It begins before the first event, or at"
          + " --at or --event.",
      "",
      "Nothing is simulated again. An index beside the journal (index.db) leads to the nearest recorded state; where"
          + " it is missing or ends early, it is made while the journal is read.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm replay runs/nvme-4k-1 --at 1.5ms",
      "  mapstorm replay runs/nvme-4k-1 --event 100000 --device nvme",
      "  mapstorm replay runs/nvme-4k-1 --iova 0xffff3000 --follow",
      "  mapstorm replay runs/nvme-4k-1 --at 1.5ms --step",
      "  mapstorm replay runs/nvme-4k-1 --exec \"next lock=L5; watch 0xffff3000; continue; info\"",
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

  @Mixin private final HostChoice host = new HostChoice();

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Most rows of each list; by default 20, with --follow 1000.")
  private Integer rows;

  @Option(
      names = "--step",
      description = "Step through the events at a prompt; help lists the commands.")
  private boolean step;

  @Option(
      names = "--exec",
      paramLabel = "COMMANDS",
      description = {
        "Execute the commands of --step, separated by ; or by line breaks, without a terminal; @FILE reads them from"
            + " a file. May be repeated. With --json each answer is a line."
      })
  private List<String> commands = List.of();

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
    if (rows != null) {
      OptionValues.atLeast(1, "--rows", rows);
    }
    if (until.events != null) {
      OptionValues.atLeast(0, "--event", until.events);
    }
    if (follow && iova == null && !device.isMade()) {
      throw new CommandException(ExitCode.USAGE, "--follow what? Name an --iova or a --device");
    }
    boolean stepping = stepping();
    RecordedRun run = salvage.open(console, path);
    int number = host.one(path, run.hosts());
    noteEnd(run, number);
    try (RunIndex index = run.index(note -> console.note("mapstorm: " + note))) {
      HostIndex ofHost = index.host(number);
      if (stepping) {
        step(run, number, ofHost);
      } else {
        show(run, number, ofHost);
      }
    }
    return ExitCode.OK;
  }

  /** Says so if {@code --at} lies behind the end of the journal, which is shown then. */
  private void noteEnd(RecordedRun run, int number) {
    if (until.instant != null && moment().lastInstant() > run.reachedNs(number)) {
      console.note(
          "mapstorm: --at %s: the journal of host %d ends at %s"
              .formatted(until.instant, number, Units.instant(run.reachedNs(number))));
    }
  }

  private boolean stepping() {
    boolean stepping = step || !commands.isEmpty();
    if (stepping && (follow || iova != null || device.isMade())) {
      throw new CommandException(
          ExitCode.USAGE,
          "--iova, --device and --follow have no meaning with --step and --exec; there, next takes"
              + " iova=ADDR and device=D");
    }
    if (step && json) {
      throw new CommandException(ExitCode.USAGE, "--step is for people; --json goes with --exec");
    }
    if (step && !console.canAsk()) {
      throw new CommandException(
          ExitCode.USAGE, "--step needs a terminal; --exec takes the same commands without one");
    }
    return stepping;
  }

  private void step(RecordedRun run, int number, HostIndex index) {
    List<String> script = StepScript.of(commands);
    Stepping stepping = new Stepping(console, json);
    int most = rows == null ? ROWS_OF_STATE : rows;
    try (StepSession session = stepping.begin(index, run.outline(number), most, moment())) {
      boolean ended = stepping.execute(session, script);
      if (step && !ended) {
        stepping.prompt(session);
      }
    }
  }

  private void show(RecordedRun run, int number, HostIndex index) {
    long pfn =
        iova == null ? LifeFilter.ANY : OptionValues.named("--iova", iova, RunNames::granule);
    OptionalInt chosen = device.of(run, number);
    BitSet clients = chosen.isEmpty() ? null : clientsOf(index, chosen.getAsInt());
    if (follow) {
      life(run, number, pfn, clients);
    } else {
      state(run, index, pfn, clients);
    }
  }

  private void state(RecordedRun run, HostIndex index, long pfn, BitSet clients) {
    HostState state;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      state = index.fold(moment(), reading(line)).state();
    }
    if (until.events != null && state.events() < until.events) {
      console.note(
          "mapstorm: --event %d: the journal ends after %d events"
              .formatted(until.events, state.events()));
    }
    if (pfn >= 0 || clients != null) {
      state = StateSelection.of(state, pfn, clients);
    }
    if (json) {
      SalvageChoice.printJson(console, state, List.of(run));
    } else {
      SalvageChoice.print(console, List.of(run));
      console.text(StateText.of(state, rows == null ? ROWS_OF_STATE : rows));
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
    console.text(StateText.of(life.rows()));
    if (life.omitted() > 0) {
      console.print("... and %d more; --rows shows them".formatted(life.omitted()));
    }
    if (life.collateral() > 0) {
      console.print(
          "%d invalidations dropped its translation while it was mapped"
              .formatted(life.collateral()));
    }
  }

  private BitSet clientsOf(HostIndex index, int number) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      return index.clients(number, moment(), reading(line));
    }
  }

  private ReadProgress reading(ProgressLine line) {
    return (part, events) -> line.events("reading " + path, part, events);
  }

  private void feed(RecordedRun run, int number, EventSink sink) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      run.replay(
          number, sink, moment(), (part, events) -> line.events("reading " + path, part, events));
    }
  }

  private Moment moment() {
    if (until.instant != null) {
      return Moment.at(OptionValues.quantity("--at", until.instant, Quantity.TIME));
    }
    return until.events != null ? Moment.after(until.events) : Moment.END;
  }
}
