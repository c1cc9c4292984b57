package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/** How the program's own actor systems are set, other than those of nodes. */
public final class ProgramSystem {
  /**
   * The program ends them itself, in its own order, which Pekko must not race; they log as it does.
   */
  public static final Config CONFIG =
      ConfigFactory.parseString(
          """
          pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off
          pekko.coordinated-shutdown.exit-jvm = off
          pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
          pekko.logging-filter = "org.apache.pekko.event.slf4j.Slf4jLoggingFilter"
          pekko.loglevel = DEBUG
          pekko.stdout-loglevel = OFF
          """);

  private ProgramSystem() {}
}
