package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.protocol.MapApi;

/** What a queue's client asks for, one request after the other. Not thread-safe. */
sealed interface RequestSource permits SyntheticRequests, RepeatedRequests {
  /** Whether there is another request. */
  boolean hasNext();

  /**
   * Makes {@code request} the next one; there must be one.
   *
   * @param slot of the client that holds it
   * @param api how it is to be mapped
   * @param since the instant at which it came
   */
  void next(DmaRequest request, int slot, MapApi api, long since);

  /** Whether there is another request, or would be if there were room in a buffer. */
  boolean wants();

  /** The buffers that requests share, which must be mapped before; null if each maps its own. */
  KeptBuffers kept();

  /** Makes {@code buffer} the next of these; there must be one that is not mapped. */
  void nextBuffer(DmaRequest buffer, MapApi api, long since);

  /** Makes {@code buffer} one that takes the place of a worn one. */
  void renewBuffer(DmaRequest buffer, int place, MapApi api, long since);

  /** The requests of a client. */
  static RequestSource of(int client, ClientSpec.Queue spec, long hostSeed) {
    return spec instanceof ClientSpec.Repeated repeated
        ? new RepeatedRequests(repeated.requests())
        : new SyntheticRequests(client, (ClientSpec.Synthetic) spec, hostSeed);
  }
}
