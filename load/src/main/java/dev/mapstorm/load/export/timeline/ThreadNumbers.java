package dev.mapstorm.load.export.timeline;

/**
 * Numbers by which a viewer knows processes and threads. A host is a process, and thread numbers
 * count in all of the trace, because a viewer takes them for those of one machine.
 */
final class ThreadNumbers {
  private static final int OF_A_HOST = 100_000;

  private ThreadNumbers() {}

  /** The process number of a host. */
  static int process(int host) {
    return (host + 1) * OF_A_HOST;
  }

  /** The thread number of a track. */
  static int thread(Track track) {
    return process(track.host()) + 1 + track.number();
  }
}
