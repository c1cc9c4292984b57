package dev.mapstorm.actors.cluster;

import java.nio.ByteBuffer;

/**
 * Reads along what a peer sends over an Artery TCP connection, and refuses a length of a frame that
 * no node sends.
 *
 * <p>A connection begins with four bytes of magic and the number of its stream. Frames follow: the
 * length in four bytes, little-endian, then as many bytes. Artery adds a length to a position and
 * does not look for overflow (Pekko 1.7.0, {@code TcpFraming} and {@code
 * ByteStringParser.ByteReader.take}): with one below 0 or near 2^31 the position does not move on,
 * and the same bytes are decoded for ever, also after the peer and the node have gone.
 *
 * <p>Not thread-safe: one for each connection.
 */
final class FrameLengths {
  /** Magic and the number of the stream. */
  private static final int OPENING = 5;

  private static final int LENGTH_BYTES = 4;

  private final int atMost;

  /** Bytes of the opening or of a frame's content that are still to come. */
  private int skip = OPENING;

  /** The bytes of a length that have come. */
  private int length;

  private int lengthBytes;

  /**
   * @param atMost bytes of the largest frame
   */
  FrameLengths(int atMost) {
    this.atMost = atMost;
  }

  /**
   * Reads a piece of the connection, whose position and limit it leaves alone.
   *
   * @return -1 if all frames begun so far have a possible length; else the refused one, as an
   *     unsigned number
   */
  long read(ByteBuffer piece) {
    int at = piece.position();
    while (at < piece.limit()) {
      if (skip > 0) {
        int step = Math.min(skip, piece.limit() - at);
        skip -= step;
        at += step;
        continue;
      }
      length |= (piece.get(at) & 0xff) << (8 * lengthBytes);
      lengthBytes++;
      at++;
      if (lengthBytes == LENGTH_BYTES) {
        if (length < 0 || length > atMost) {
          return Integer.toUnsignedLong(length);
        }
        skip = length;
        length = 0;
        lengthBytes = 0;
      }
    }
    return -1;
  }
}
