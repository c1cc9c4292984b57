package dev.mapstorm.load.capture;

import dev.mapstorm.persistence.store.Resources;
import java.util.Locale;

/**
 * A shell script that records the events of DMA on a machine, with the facts of the machine that
 * decide about them, into one file that {@link dev.mapstorm.load.trace.TraceReader} reads. It needs
 * root, tracefs, and nothing of this program.
 */
public final class CaptureScript {
  /** The longest time, in seconds. */
  public static final int SECONDS_MAX = 3_600;

  private static final String RESOURCE = "capture.sh";

  private CaptureScript() {}

  /** What writes the trace. */
  public enum Recorder {
    /** The kernel's own files. */
    TRACEFS,
    /** {@code trace-cmd record}, which reads the buffer while it is filled. */
    TRACE_CMD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * The script.
   *
   * @param seconds to record, 1 to {@value #SECONDS_MAX}
   * @param device a PCI address or a name such as {@code nvme0}; empty for none
   * @param file that it writes
   */
  public static String of(int seconds, String device, String file, Recorder recorder) {
    return Resources.text(CaptureScript.class, RESOURCE)
        .replace("@SECONDS@", Integer.toString(seconds))
        .replace("@FOR@", quoted(device))
        .replace("@TOOL@", recorder.toString())
        .replace("@OUT@", quoted(file));
  }

  /** A word of the shell, whatever is in it. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
