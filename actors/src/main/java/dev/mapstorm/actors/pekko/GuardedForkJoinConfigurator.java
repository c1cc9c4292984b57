package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ForkJoinExecutorConfigurator;

/** Pekko's {@code fork-join-executor} with {@link GuardedThreads}. */
public final class GuardedForkJoinConfigurator extends ExecutorServiceConfigurator {
  private final ForkJoinExecutorConfigurator pekkos;

  /** Called by Pekko. */
  public GuardedForkJoinConfigurator(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    pekkos =
        new ForkJoinExecutorConfigurator(config.getConfig("fork-join-executor"), prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return pekkos.createExecutorServiceFactory(id, GuardedThreads.of(threads));
  }
}
