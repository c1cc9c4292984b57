package dev.mapstorm.load.export.timeline;

/**
 * An arrow through slices, in the order of their beginnings.
 *
 * @param id no two alike in a trace; 0 for none
 * @param step where the slice stands on it
 */
public record Flow(long id, Step step) {
  /** No flow. */
  public static final Flow NONE = new Flow(0, Step.THROUGH);

  /** A place on a flow. */
  public enum Step {
    /** It begins. */
    BEGIN,
    /** It passes. */
    THROUGH,
    /** It ends. */
    END
  }

  /** Whether there is one. */
  public boolean exists() {
    return id != 0;
  }
}
