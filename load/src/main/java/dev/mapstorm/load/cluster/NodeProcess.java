package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A node in a process of its own on this machine, started from this very program. It ends when this
 * process is gone, however that went: its standard input is a pipe from here, see {@link
 * EndOfInput}. Not thread-safe.
 */
public final class NodeProcess implements AutoCloseable {
  private static final long LEAVE_SECONDS = 20;
  private static final String PROGRAM = "dev.mapstorm.load.cli.Mapstorm";

  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private Process process;

  private NodeProcess(List<String> command, Map<String, String> environment, Path log) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  /**
   * A node that is not started yet.
   *
   * @param prefix what the process is started with, such as {@code taskset -c 0}; mostly empty
   * @param jvm options of its JVM, beside those of this process that are not about memory
   * @param arguments of {@code mapstorm cluster node}
   * @param environment beside that of this process
   * @param log file for all that it prints; appended to
   */
  public static NodeProcess of(
      List<String> prefix,
      List<String> jvm,
      List<String> arguments,
      Map<String, String> environment,
      Path log) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(NodeProcess::isForNodes)
        .forEach(command::add);
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), PROGRAM));
    command.addAll(List.of("cluster", "node", "--end-with-stdin"));
    command.addAll(arguments);
    return new NodeProcess(command, environment, log);
  }

  /** Not how much memory this process has, nor what watches it. */
  private static boolean isForNodes(String option) {
    return option.startsWith("-Djava.util.concurrent.ForkJoinPool")
        || option.startsWith("-XX:SharedArchiveFile")
        || option.startsWith("-Xlog")
        || option.startsWith("--sun-misc-unsafe")
        || option.startsWith("--enable-native-access");
  }

  /** Starts it. */
  public void start() {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Kills it (SIGKILL), and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks it to leave (SIGTERM), and waits. */
  public void leave() throws InterruptedException {
    // Process.destroy would close the pipe whose end ends the node at once.
    process.toHandle().destroy();
    if (!process.waitFor(LEAVE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  /** What it exited with; it has ended. */
  public int exitCode() {
    return process.exitValue();
  }

  /** Kills it if it runs. */
  @Override
  public void close() {
    if (isAlive()) {
      process.destroyForcibly();
    }
  }
}
