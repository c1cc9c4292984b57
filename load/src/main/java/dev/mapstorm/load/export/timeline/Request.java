package dev.mapstorm.load.export.timeline;

/** A request on its way from a client to its device and back. Not thread-safe. */
final class Request {
  /** No instant, no lane. */
  static final int NONE = -1;

  private int mappings;
  private long askedAt = NONE;
  private long flow;
  private int device = NONE;
  private int deviceLane = NONE;

  /** It was asked for. */
  void asked(long t) {
    askedAt = t;
  }

  /** When it was asked for, once; {@link #NONE} if that is not known, or was told before. */
  long takeAskedAt() {
    long t = askedAt;
    askedAt = NONE;
    return t;
  }

  /** Its flow begins. */
  Flow beginFlow(long id) {
    flow = id;
    return new Flow(id, Flow.Step.BEGIN);
  }

  /** A place on its flow; none if that did not begin. */
  Flow flow(Flow.Step step) {
    return flow == 0 ? Flow.NONE : new Flow(flow, step);
  }

  /** It holds one more mapping. */
  void mapped() {
    mappings++;
  }

  /** It holds one mapping less. */
  void unmapped() {
    mappings--;
  }

  /** Mappings that it holds. */
  int mappings() {
    return mappings;
  }

  /** It is at a device. */
  void submitted(int toDevice, int lane) {
    device = toDevice;
    deviceLane = lane;
  }

  /** Its lane at a device, or {@link #NONE}. */
  int lane(int ofDevice) {
    return device == ofDevice ? deviceLane : NONE;
  }

  /** Its device is done with it. */
  void completed() {
    device = NONE;
  }

  /** Whether nothing of it is left that anything could still happen to. */
  boolean isOver() {
    return mappings <= 0 && device == NONE;
  }
}
