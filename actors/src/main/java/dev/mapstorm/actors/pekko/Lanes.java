package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.apache.pekko.actor.typed.DispatcherSelector;

/** The configuration of an actor system's lanes. */
public final class Lanes {
  /**
   * Messages that a mailbox may run before the next has its turn: one, so that mailboxes are served
   * in the order in which mail came.
   */
  public static final int THROUGHPUT = 1;

  /** Lanes that one process can have: each is a thread. */
  public static final int MAX = 1024;

  private static final String PREFIX = "mapstorm.lanes.lane-";

  private Lanes() {}

  /**
   * Dispatchers for {@code lanes} lanes, and a default dispatcher for all else on the cores that
   * the lanes leave free, one at least: a lane that has to share its core with the journal's
   * threads is the slower for it. On all of them an {@link Error} is for the process's default
   * handler of uncaught exceptions, where it has one.
   *
   * @throws IllegalArgumentException unless {@code lanes} is 1 to {@link #MAX}
   */
  public static Config config(int lanes) {
    if (lanes < 1 || lanes > MAX) {
      throw new IllegalArgumentException(
          "a simulation has 1 to %d lanes, not %d".formatted(MAX, lanes));
    }
    StringBuilder config = new StringBuilder();
    for (int lane = 0; lane < lanes; lane++) {
      config
          .append(PREFIX)
          .append(lane)
          .append(" { type = Dispatcher, executor = \"")
          .append(LaneConfigurator.class.getName())
          .append("\", throughput = ")
          .append(THROUGHPUT)
          .append(", shutdown-timeout = 1s }\n");
    }
    int free = Math.max(1, Runtime.getRuntime().availableProcessors() - lanes);
    config
        .append("pekko.actor.default-dispatcher.fork-join-executor { parallelism-min = ")
        .append(free)
        .append(", parallelism-max = ")
        .append(free)
        .append(" }\n");
    executor(config, "default-dispatcher", GuardedForkJoinConfigurator.class);
    executor(config, "internal-dispatcher", GuardedForkJoinConfigurator.class);
    executor(config, "default-blocking-io-dispatcher", GuardedThreadPoolConfigurator.class);
    return ConfigFactory.parseString(config.toString());
  }

  private static void executor(StringBuilder config, String dispatcher, Class<?> configurator) {
    config
        .append("pekko.actor.")
        .append(dispatcher)
        .append(".executor = \"")
        .append(configurator.getName())
        .append("\"\n");
  }

  /** The dispatcher that is lane {@code lane}. */
  public static DispatcherSelector selector(int lane) {
    return DispatcherSelector.fromConfig(PREFIX + lane);
  }
}
