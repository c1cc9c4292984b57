package dev.mapstorm.load.cli;

/**
 * Gives the JVM's common pool two workers. With one, as on machines of two processors, JDK 17
 * starts a thread for every callback of a {@code CompletionStage} that comes from a Scala future.
 * Must run before anything touches the pool.
 */
final class CommonPool {
  private static final String PROPERTY = "java.util.concurrent.ForkJoinPool.common.parallelism";

  private CommonPool() {}

  /** Sets the property unless somebody did. */
  static void atLeastTwoWorkers() {
    if (System.getProperty(PROPERTY) == null) {
      int workers = Math.max(2, Runtime.getRuntime().availableProcessors() - 1);
      System.setProperty(PROPERTY, Integer.toString(workers));
    }
  }
}
