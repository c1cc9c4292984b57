package dev.mapstorm.load.conform;

/** Why a trace does not tell whether the model would answer an allocation as the kernel did. */
public enum NotDecidable {
  /** The range was freed before the trace begins, or never seen. */
  FREED_BEFORE("of a range that was freed before the trace begins"),
  /** It came from a magazine, depot or tree whose content is from before the trace. */
  UNKNOWN_MAGAZINE("from a magazine filled before the trace begins"),
  /** What was taken before, and where the next search begins, is not in the trace. */
  TAKEN_BEFORE("of a table or pool that was in use before the trace begins"),
  /** Events that the kernel dropped may have changed what it was answered from. */
  LOST_EVENTS("after lost events"),
  /** When ranges were flushed and freed is not in the trace, and could not be told. */
  UNSEEN_FLUSH("freed by a flush that no line shows"),
  /** The search for an order reached its bound before. */
  SEARCH_BOUND("after the search reached its bound");

  private final String label;

  NotDecidable(String label) {
    this.label = label;
  }

  /** What reports call it, after a count of allocations. */
  public String label() {
    return label;
  }
}
