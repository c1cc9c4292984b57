package dev.mapstorm.load.cluster;

import java.io.IOException;

/** A node cannot be reached, or cannot answer at the moment; asking again later may help. */
public final class NodeUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  NodeUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
