package dev.mapstorm.load.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The live mappings of one request, in the order in which they were made. Not thread-safe.
 *
 * @param <M> what is known of a mapping
 */
public final class MappingsOfRequest<M> {
  private final ToIntFunction<M> number;
  private final List<M> live = new ArrayList<>(1);

  /**
   * None.
   *
   * @param number of a mapping in its domain
   */
  public MappingsOfRequest(ToIntFunction<M> number) {
    this.number = number;
  }

  /** One more is live. */
  public void mapped(M mapping) {
    live.add(mapping);
  }

  /**
   * Takes out the oldest mapping of this number, as all of a direct map have the same; empty if
   * none is known.
   */
  public Optional<M> unmapped(int ofNumber) {
    for (int i = 0; i < live.size(); i++) {
      if (number.applyAsInt(live.get(i)) == ofNumber) {
        return Optional.of(live.remove(i));
      }
    }
    return Optional.empty();
  }

  /** How many are live. */
  public int size() {
    return live.size();
  }
}
