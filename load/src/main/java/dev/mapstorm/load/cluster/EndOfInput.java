package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this process when its standard input ends. Where that is a pipe from the process that
 * started this one, the end comes when that process is gone, also by SIGKILL.
 */
public final class EndOfInput {
  private EndOfInput() {}

  /**
   * Reads {@code input} from now on, in a thread of its own, and ends the process at its end:
   * without shutdown hooks, as a kill would. Who held the other end also brought the database
   * along, so there is nobody to hand hosts over to.
   *
   * @param last what to do before that; short
   * @param code to exit with
   */
  public static void ends(InputStream input, Runnable last, int code) {
    Thread reader =
        new Thread(
            () -> {
              drain(input);
              last.run();
              Runtime.getRuntime().halt(code);
            },
            "end-of-input");
    reader.setDaemon(true);
    reader.start();
  }

  private static void drain(InputStream input) {
    byte[] ignored = new byte[256];
    try {
      while (input.read(ignored) >= 0) {
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      // An input that cannot be read has ended.
      Thread.yield();
    }
  }
}
