package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ThreadPoolExecutorConfigurator;

/** Pekko's {@code thread-pool-executor} with {@link GuardedThreads}. */
public final class GuardedThreadPoolConfigurator extends ExecutorServiceConfigurator {
  private final ThreadPoolExecutorConfigurator pekkos;

  /** Called by Pekko. */
  public GuardedThreadPoolConfigurator(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    pekkos =
        new ThreadPoolExecutorConfigurator(config.getConfig("thread-pool-executor"), prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return pekkos.createExecutorServiceFactory(id, GuardedThreads.of(threads));
  }
}
