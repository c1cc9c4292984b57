package dev.mapstorm.load.export.timeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request on its way from a client to its device and back. Not thread-safe. */
final class Request {
  /** No instant, no lane. */
  static final int NONE = -1;

  private final List<Mapping> mappings = new ArrayList<>(1);
  private long askedAt = NONE;
  private long flow;
  private int device = NONE;
  private int deviceLane = NONE;

  /**
   * A mapping that it holds.
   *
   * @param number in its domain
   * @param lane that shows it
   * @param bytes of it
   */
  record Mapping(int number, int lane, long bytes) {}

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
  void mapped(Mapping mapping) {
    mappings.add(mapping);
  }

  /**
   * A mapping is taken back, if it is known: the oldest of that number, as all of a direct map have
   * the same.
   */
  Optional<Mapping> unmapped(int number) {
    for (int i = 0; i < mappings.size(); i++) {
      if (mappings.get(i).number() == number) {
        return Optional.of(mappings.remove(i));
      }
    }
    return Optional.empty();
  }

  /** Mappings that it holds. */
  int mappings() {
    return mappings.size();
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
    return mappings.isEmpty() && device == NONE;
  }
}
