package dev.mapstorm.load.cli;

import dev.mapstorm.load.capture.CaptureScript;
import dev.mapstorm.load.capture.CaptureScript.Recorder;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints or runs what records a trace. */
@Command(
    name = "capture",
    description = {
      "Records what devices map for DMA on this machine: prints the script that does it, or runs it.",
      "",
      "The script needs root and a shell, nothing else: it can be read, copied to another machine and run there. It"
          + " finds out which events the kernel has, sizes the buffer from their rate, and writes one file with the events"
          + " and the facts that decide about them: kernel version, CPUs, IOMMU groups and their modes, reserved ranges,"
          + " windows of host bridges, masks of devices. explain, conform and run --trace read it.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm capture > capture.sh; sudo sh capture.sh",
      "  mapstorm capture --for nvme0 --seconds 5 | ssh root@server sh",
      "  sudo mapstorm capture --run --seconds 30 --out busy.trace",
      "  mapstorm explain mapstorm.trace",
    })
final class CaptureCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--for",
      paramLabel = "DEVICE",
      defaultValue = "",
      description =
          "A PCI address (0000:03:00.0) or a name (nvme0, eth0) whose trace it is. The file says so; events of other"
              + " devices are recorded too, since a mapping's line does not name its device.")
  private String device;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How long to record: seconds, or a time such as 2min (default: ${DEFAULT-VALUE}).")
  private String seconds;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "mapstorm.trace",
      description = "The file that the script writes (default: ${DEFAULT-VALUE}).")
  private String out;

  @Option(
      names = "--with",
      paramLabel = "RECORDER",
      defaultValue = "tracefs",
      description =
          "What records: tracefs (default), or trace-cmd, which is not bound by the size of the buffer.")
  private Recorder recorder;

  @ArgGroup private Act act = new Act();

  /** What becomes of the script. */
  static final class Act {
    @Option(names = "--print", description = "Print the script (default).")
    private boolean print;

    @Option(names = "--run", description = "Run it here, which needs root.")
    private boolean run;
  }

  CaptureCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String script = CaptureScript.of(wholeSeconds(), device, out, recorder);
    if (!act.run) {
      console.print(script.stripTrailing());
      return ExitCode.OK;
    }
    Process shell;
    try (Interruption interruption = new Interruption()) {
      // Ctrl-C reaches the shell too, which then writes what there is.
      shell = new ProcessBuilder("sh", "-c", script, "capture").inheritIO().start();
      interruption.onSignal(() -> {});
      int code = shell.waitFor();
      return code == 0 ? ExitCode.OK : ExitCode.ERROR;
    }
  }

  private int wholeSeconds() {
    long given =
        seconds.chars().allMatch(Character::isDigit) && seconds.length() < 10 && !seconds.isEmpty()
            ? Long.parseLong(seconds)
            : OptionValues.age("--seconds", seconds).toSeconds();
    OptionValues.within(1, CaptureScript.SECONDS_MAX, "--seconds", given);
    return (int) given;
  }
}
