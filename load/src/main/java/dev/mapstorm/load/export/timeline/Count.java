package dev.mapstorm.load.export.timeline;

/** A number over time; it has no track before it first changes within the window. */
final class Count {
  private final Canvas canvas;
  private final Track.Kind kind;
  private final String name;
  private Track track;
  private boolean changed;
  private long value;

  /**
   * Begins at 0.
   *
   * @param kind {@code COUNT} or {@code BYTES}
   */
  Count(Canvas canvas, Track.Kind kind, String name) {
    this.canvas = canvas;
    this.kind = kind;
    this.name = name;
  }

  /** It changes. */
  void add(long t, long change) {
    value += change;
    changed = true;
    if (canvas.isOpen() && change != 0) {
      draw(t);
    }
  }

  /** The window has opened. */
  void opened() {
    if (changed) {
      draw(canvas.from());
    }
  }

  private void draw(long t) {
    if (track == null) {
      track = canvas.track(kind, name);
    }
    canvas.counter(track, t, value);
  }
}
