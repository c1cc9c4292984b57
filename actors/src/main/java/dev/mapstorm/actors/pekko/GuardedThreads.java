package dev.mapstorm.actors.pekko;

import java.lang.Thread.UncaughtExceptionHandler;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.MonitorableThreadFactory;

/**
 * Threads of Pekko's dispatchers on which an {@link Error} is for the process to answer: memory or
 * stack that is used up, mostly. Pekko would print its trace and exit with 255, and a process that
 * has a default handler of uncaught exceptions says it better.
 */
final class GuardedThreads {
  private GuardedThreads() {}

  /** The same threads, guarded. */
  static ThreadFactory of(ThreadFactory threads) {
    if (threads instanceof MonitorableThreadFactory pekkos) {
      return pekkos.copy(
          pekkos.name(),
          pekkos.daemonic(),
          pekkos.contextClassLoader(),
          handler(pekkos.exceptionHandler()),
          pekkos.counter());
    }
    return threads;
  }

  private static UncaughtExceptionHandler handler(UncaughtExceptionHandler pekkos) {
    return (thread, cause) -> {
      UncaughtExceptionHandler process = Thread.getDefaultUncaughtExceptionHandler();
      (cause instanceof Error && process != null ? process : pekkos)
          .uncaughtException(thread, cause);
    };
  }
}
