package dev.mapstorm.persistence.inflight;

/** A client's request as one {@code long}, the key of everything that is kept per request. */
public final class RequestKey {
  private static final int OP_BITS = 40;

  private RequestKey() {}

  /**
   * The key of request {@code op} of {@code client}.
   *
   * @throws IllegalArgumentException if the client is not below 2^23 or the request not below 2^40
   */
  public static long of(int client, long op) {
    if (op >>> OP_BITS != 0 || client >>> (63 - OP_BITS) != 0) {
      throw new IllegalArgumentException(
          "request %d of client %d: clients are below 2^23, requests below 2^40"
              .formatted(op, client));
    }
    return (long) client << OP_BITS | op;
  }

  /** The client of a key. */
  public static int client(long key) {
    return (int) (key >>> OP_BITS);
  }

  /** The request number of a key. */
  public static long op(long key) {
    return key & (1L << OP_BITS) - 1;
  }
}
