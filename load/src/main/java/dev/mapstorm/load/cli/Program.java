package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.actors.pekko.DiskFull;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line as a whole. Every error is one line on standard error that starts with {@code
 * mapstorm:}; the codes are those of {@link ExitCode}. May be run several times, each time with a
 * new instance.
 */
@Command(
    name = "mapstorm",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Program.Versions.class,
    sortOptions = false,
    usageHelpWidth = 110,
    description =
        "Simulates DMA clients behind IOMMUs, journals every mapping, replays and analyses it.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm scenarios",
      "  mapstorm run nvme-batch",
      "  mapstorm analyze runs/nvme-batch-1",
      "  mapstorm replay runs/nvme-batch-1 --at 1.5ms",
      "  mapstorm conform iova iova-page.csv.gz",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is well",
      "1:an error, or a comparison found differences",
      "2:the command line or the scenario is wrong",
      "99:a measured figure misses the threshold that was given",
      "130:stopped by Ctrl-C",
    },
    subcommands = {
      RunCommand.class,
      ResumeCommand.class,
      RerunCommand.class,
      ReplayCommand.class,
      AnalyzeCommand.class,
      VerifyCommand.class,
      DiffCommand.class,
      CompareCommand.class,
      SweepCommand.class,
      AdviseCommand.class,
      ExportCommand.class,
      RunsCommand.class,
      PruneCommand.class,
      DbCommand.class,
      ScenariosCommand.class,
      PlatformsCommand.class,
      SensitivityCommand.class,
      ValidateCommand.class,
      MapBenchmarkCommand.class,
      CalibrateCommand.class,
      CaptureCommand.class,
      ExplainCommand.class,
      CheckCommand.class,
      ConformCommand.class,
      BenchCommand.class,
      ClusterCommand.class,
      CommandLine.HelpCommand.class
    })
final class Program {
  private static final String SALVAGE =
      " (%s reads what comes before the damage)".formatted(SalvageChoice.OPTION);
  private static final String DEBUG_VARIABLE = "MAPSTORM_DEBUG";

  private final Console console;
  private boolean debug = System.getenv(DEBUG_VARIABLE) != null;

  Program(Console console) {
    this.console = console;
  }

  /** Runs one command line and returns the exit code. */
  int run(String... args) {
    CommandLine line = commandLine();
    line.setOut(console.out());
    line.setErr(console.err());
    line.setParameterExceptionHandler((e, given) -> usage(e));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
    int code;
    try {
      code = line.execute(args.length == 0 ? new String[] {"help"} : args);
    } catch (Error e) {
      code = report(ExitCode.ERROR, LastWords.of(e), e);
    }
    console.flush();
    if (console.lostResults()) {
      console.note("mapstorm: standard output cannot be written: the end of the results is lost");
      return code == ExitCode.OK ? ExitCode.ERROR : code;
    }
    return code;
  }

  /** Whether stack traces are wanted. */
  boolean debug() {
    return debug;
  }

  /** The commands as picocli sees them. */
  CommandLine commandLine() {
    // --exec @FILE is for the command, not for picocli.
    return new CommandLine(this, this::create)
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** {@code --log}: Logback reads the property when it starts. */
  @Option(
      names = "--log",
      paramLabel = "LEVEL",
      scope = ScopeType.INHERIT,
      order = 98,
      description =
          "Log to standard error from this level on: ERROR, WARN (default), INFO, DEBUG or TRACE.")
  private void log(LogLevel level) {
    System.setProperty("mapstorm.log", level.name());
  }

  /** {@code --log-format}: as well. */
  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      order = 98,
      description = "How lines of the log look: text (default), or json, an object a line.")
  private void logFormat(LogFormat format) {
    System.setProperty("mapstorm.log.format", format.toString());
  }

  /** {@code --debug}. */
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      order = 99,
      description =
          "Print the stack trace of an error (also: environment variable MAPSTORM_DEBUG).")
  private void debug(boolean wanted) {
    debug |= wanted;
  }

  /** Levels of Logback. */
  enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /** Appenders that {@code log-appenders.xml} has. */
  enum LogFormat {
    TEXT,
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The answer to {@code --version}. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "mapstorm " + Version.current(), "Java " + Runtime.version() + " (${java.vendor})"
      };
    }
  }

  /** Commands take the console; everything else is made as picocli does. */
  private <K> K create(Class<K> type) throws Exception {
    Map<Class<?>, Object> commands =
        Map.ofEntries(
            Map.entry(BenchCommand.class, new BenchCommand(console)),
            Map.entry(CaptureCommand.class, new CaptureCommand(console)),
            Map.entry(ClusterDemoCommand.class, new ClusterDemoCommand(console)),
            Map.entry(ClusterNodeCommand.class, new ClusterNodeCommand(console)),
            Map.entry(ClusterRunCommand.class, new ClusterRunCommand(console)),
            Map.entry(ClusterStatusCommand.class, new ClusterStatusCommand(console)),
            Map.entry(ClusterStopCommand.class, new ClusterStopCommand(console)),
            Map.entry(ClusterCertsCommand.class, new ClusterCertsCommand(console)),
            Map.entry(RunCommand.class, new RunCommand(console)),
            Map.entry(ResumeCommand.class, new ResumeCommand(console)),
            Map.entry(RerunCommand.class, new RerunCommand(console)),
            Map.entry(ReplayCommand.class, new ReplayCommand(console)),
            Map.entry(AnalyzeCommand.class, new AnalyzeCommand(console)),
            Map.entry(VerifyCommand.class, new VerifyCommand(console)),
            Map.entry(SensitivityCommand.class, new SensitivityCommand(console)),
            Map.entry(CompareCommand.class, new CompareCommand(console)),
            Map.entry(SweepCommand.class, new SweepCommand(console)),
            Map.entry(AdviseCommand.class, new AdviseCommand(console)),
            Map.entry(ExportCommand.class, new ExportCommand(console)),
            Map.entry(RunsCommand.class, new RunsCommand(console)),
            Map.entry(PruneCommand.class, new PruneCommand(console)),
            Map.entry(DbCommand.Init.class, new DbCommand.Init(console)),
            Map.entry(DbCommand.Status.class, new DbCommand.Status(console)),
            Map.entry(DbPruneCommand.class, new DbPruneCommand(console)),
            Map.entry(DiffCommand.class, new DiffCommand(console)),
            Map.entry(ScenariosCommand.class, new ScenariosCommand(console)),
            Map.entry(PlatformsCommand.class, new PlatformsCommand(console)),
            Map.entry(ValidateCommand.class, new ValidateCommand(console)),
            Map.entry(MapBenchmarkCommand.class, new MapBenchmarkCommand(console)),
            Map.entry(CalibrateCommand.class, new CalibrateCommand(console)),
            Map.entry(ExplainCommand.class, new ExplainCommand(console)),
            Map.entry(CheckCommand.class, new CheckCommand(console)),
            Map.entry(ConformTraceCommand.class, new ConformTraceCommand(console)),
            Map.entry(ConformCommand.Cmdq.class, new ConformCommand.Cmdq(console)),
            Map.entry(ConformCommand.Invalidation.class, new ConformCommand.Invalidation(console)),
            Map.entry(ConformCommand.Iova.class, new ConformCommand.Iova(console)),
            Map.entry(ConformCommand.MapSg.class, new ConformCommand.MapSg(console)),
            Map.entry(ConformCommand.Arm32.class, new ConformCommand.Arm32(console)),
            Map.entry(ConformCommand.Powerpc.class, new ConformCommand.Powerpc(console)),
            Map.entry(ConformCommand.PageTables.class, new ConformCommand.PageTables(console)),
            Map.entry(ConformCommand.TwoStep.class, new ConformCommand.TwoStep(console)),
            Map.entry(ConformCommand.Blk.class, new ConformCommand.Blk(console)),
            Map.entry(ConformCommand.OfSwiotlb.class, new ConformCommand.OfSwiotlb(console)));
    Object command = commands.get(type);
    return command != null ? type.cast(command) : CommandLine.defaultFactory().create(type);
  }

  private int usage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String message = lowerFirst(e.getMessage().split("\\R")[0].replaceFirst("^Error: ", ""));
    if (e instanceof UnmatchedArgumentException unmatched) {
      message += nearest(command, unmatched.getUnmatched().get(0));
    }
    String name = command.getCommandSpec().qualifiedName();
    return report(ExitCode.USAGE, "%s (%s --help tells more)".formatted(message, name), e);
  }

  private static String nearest(CommandLine command, String given) {
    return given.startsWith("-")
        ? NearestName.hint(given, command.getCommandSpec().optionsMap().keySet())
        : NearestName.hint(given, command.getSubcommands().keySet());
  }

  private int failed(Exception e, CommandLine command) {
    if (e instanceof CommandException told) {
      return report(told.exitCode(), e.getMessage(), e);
    }
    if (e instanceof ScenarioException) {
      return report(ExitCode.USAGE, e.getMessage(), e);
    }
    Optional<Error> error = LastWords.in(e);
    if (error.isPresent()) {
      return report(ExitCode.ERROR, LastWords.of(error.get()), e);
    }
    String message = e instanceof IOException io ? inWords(io) : Causes.words(e);
    return report(ExitCode.ERROR, message + (canBeSalvaged(e, command) ? SALVAGE : ""), e);
  }

  /** File systems name the file and leave out what is wrong with it. */
  private static String inWords(IOException e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": there is no such file";
    } else if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": it may not be read or written";
    } else if (e instanceof CharacterCodingException) {
      return "a file is not UTF-8 text: " + e.getMessage();
    } else if (DiskFull.isCause(e)) {
      return FileErrors.reason(e);
    }
    return Causes.words(e);
  }

  private static boolean canBeSalvaged(Exception e, CommandLine command) {
    return e instanceof DamagedJournalException damaged
        && damaged.isSalvageable()
        && command.getCommandSpec().findOption(SalvageChoice.OPTION) != null
        && !command.getParseResult().hasMatchedOption(SalvageChoice.OPTION);
  }

  private int report(int code, String message, Throwable e) {
    console.out().flush();
    console.note("mapstorm: " + Causes.oneLine(message.strip()));
    if (debug) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      console.note(trace.toString().stripTrailing());
    }
    return code;
  }

  private static String lowerFirst(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
