package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.Version;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * JSON trace events, as chrome://tracing and Perfetto read them: {@code B}/{@code E} on threads,
 * {@code b}/{@code e} for lanes, {@code s}/{@code t}/{@code f} for flows, {@code i} and {@code n}
 * for instants, {@code C} for counters, {@code M} for names. Times are microseconds with three
 * decimals.
 *
 * <p>The format knows lanes by the name of what is on them and an id, so the outermost slices of a
 * lane bear the name of the track, with their own name as the argument {@code what}. Its flows go
 * through slices of threads only; steps on lanes are left out.
 */
public final class ChromeWriter implements TimelineWriter, Arguments.Visitor {
  private static final String CATEGORY = "dma";
  private static final int FLUSH_AT = 1 << 14;
  private static final long NS_PER_US = 1000;

  private final OutputStream out;
  private final StringBuilder json = new StringBuilder();
  private final Map<Integer, ArrayDeque<String>> open = new HashMap<>();
  private boolean firstArgument;
  private long events;

  /** Writes to {@code stream}, which is not closed. */
  public ChromeWriter(OutputStream stream) {
    out = stream;
    json.append("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"mapstorm\":");
    quote(Version.current());
    json.append(",\"clock\":\"virtual nanoseconds of the simulation\"},\"traceEvents\":[");
  }

  @Override
  public void host(int host, String name) throws IOException {
    metadata("process_name", ThreadNumbers.process(host), ThreadNumbers.process(host), name);
  }

  @Override
  public void track(Track track) throws IOException {
    if (track.kind() == Track.Kind.THREAD) {
      int process = ThreadNumbers.process(track.host());
      metadata("thread_name", process, ThreadNumbers.thread(track), track.name());
    }
  }

  private void metadata(String what, int process, int thread, String name) throws IOException {
    start('M', what, process, thread);
    json.append(",\"args\":{\"name\":");
    quote(name);
    json.append('}');
    close();
  }

  @Override
  public void begin(Track track, long t, String name, Arguments arguments, Flow flow)
      throws IOException {
    if (track.kind() == Track.Kind.THREAD) {
      head('B', track, t, name);
      arguments(arguments);
      close();
      if (flow.exists()) {
        flow(track, t, flow);
      }
      return;
    }
    ArrayDeque<String> names = open.computeIfAbsent(track.id(), id -> new ArrayDeque<>());
    boolean outermost = names.isEmpty();
    String shown = outermost ? track.name() : name;
    names.push(shown);
    head('b', track, t, shown);
    lane(track);
    if (outermost) {
      json.append(",\"args\":{\"what\":");
      quote(name);
      firstArgument = false;
      arguments.forEach(this);
      json.append('}');
    } else {
      arguments(arguments);
    }
    close();
  }

  private void flow(Track track, long t, Flow flow) throws IOException {
    char phase =
        switch (flow.step()) {
          case BEGIN -> 's';
          case THROUGH -> 't';
          case END -> 'f';
        };
    head(phase, track, t, "request");
    json.append(",\"cat\":\"").append(CATEGORY).append("\",\"id\":").append(flow.id());
    if (phase == 'f') {
      // Bound to the slice that is open at this instant, not to the next one.
      json.append(",\"bp\":\"e\"");
    }
    close();
  }

  @Override
  public void end(Track track, long t, Arguments arguments) throws IOException {
    if (track.kind() == Track.Kind.THREAD) {
      start('E', "", ThreadNumbers.process(track.host()), ThreadNumbers.thread(track));
      time(t);
    } else {
      head('e', track, t, open.get(track.id()).pop());
      lane(track);
    }
    arguments(arguments);
    close();
  }

  @Override
  public void instant(Track track, long t, String name, Arguments arguments) throws IOException {
    if (track.kind() == Track.Kind.THREAD) {
      head('i', track, t, name);
      json.append(",\"s\":\"t\"");
    } else {
      head('n', track, t, name);
      lane(track);
    }
    arguments(arguments);
    close();
  }

  @Override
  public void counter(Track track, long t, long value) throws IOException {
    head('C', track, t, track.name());
    json.append(",\"args\":{\"value\":").append(value).append('}');
    close();
  }

  private void head(char phase, Track track, long t, String name) {
    int process = ThreadNumbers.process(track.host());
    boolean thread = track.kind() == Track.Kind.THREAD;
    start(phase, name, process, thread ? ThreadNumbers.thread(track) : process);
    time(t);
  }

  private void start(char phase, String name, int process, int thread) {
    json.append(events == 0 ? "\n" : ",\n").append("{\"ph\":\"").append(phase).append('"');
    if (!name.isEmpty()) {
      json.append(",\"name\":");
      quote(name);
    }
    json.append(",\"pid\":").append(process).append(",\"tid\":").append(thread);
  }

  private void time(long t) {
    int ns = (int) (t % NS_PER_US);
    json.append(",\"ts\":").append(t / NS_PER_US).append('.');
    json.append(ns / 100).append(ns / 10 % 10).append(ns % 10);
  }

  private void lane(Track track) {
    json.append(",\"cat\":\"").append(CATEGORY).append("\",\"id\":").append(track.id());
  }

  private void arguments(Arguments arguments) throws IOException {
    if (!arguments.isEmpty()) {
      json.append(",\"args\":{");
      firstArgument = true;
      arguments.forEach(this);
      json.append('}');
    }
  }

  private void key(String name) {
    json.append(firstArgument ? "" : ",");
    firstArgument = false;
    quote(name);
    json.append(':');
  }

  @Override
  public void number(String name, long value) {
    key(name);
    json.append(value);
  }

  @Override
  public void address(String name, long value) {
    key(name);
    json.append("\"0x").append(Long.toHexString(value)).append('"');
  }

  @Override
  public void text(String name, String value) {
    key(name);
    quote(value);
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  private void close() throws IOException {
    json.append('}');
    events++;
    if (json.length() >= FLUSH_AT) {
      flush();
    }
  }

  private void flush() throws IOException {
    out.write(json.toString().getBytes(StandardCharsets.UTF_8));
    json.setLength(0);
  }

  @Override
  public void finish() throws IOException {
    json.append("\n]}\n");
    flush();
  }

  @Override
  public long written() {
    return events;
  }
}
