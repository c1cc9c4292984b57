package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** A node cannot be reached, or cannot answer at the moment; asking again later may help. */
public final class NodeUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean reached;

  private NodeUnavailableException(String message, Throwable cause, boolean reached) {
    super(message, cause);
    this.reached = reached;
  }

  /** Nobody was there to ask. */
  static NodeUnavailableException unreached(String message, Throwable cause) {
    return new NodeUnavailableException(message, cause, false);
  }

  /** A node said that it cannot answer at the moment. */
  static NodeUnavailableException reached(String message) {
    return new NodeUnavailableException(message, null, true);
  }

  /**
   * None of several nodes could.
   *
   * @param each why, in the order in which they were asked; at least one
   */
  static NodeUnavailableException ofAll(List<NodeUnavailableException> each) {
    if (each.size() == 1) {
      return each.get(0);
    }
    return new NodeUnavailableException(
        each.stream().map(Throwable::getMessage).distinct().collect(Collectors.joining("; ")),
        each.get(0),
        each.stream().anyMatch(NodeUnavailableException::isReached));
  }

  /** Whether a node was there and said that it cannot, as during a failover. */
  public boolean isReached() {
    return reached;
  }
}
