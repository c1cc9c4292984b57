package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Bytes go through unchanged, and a frame's length is held to the limit wherever pieces end. */
class UnencryptedEngineTest {
  private static final int AT_MOST = 1000;

  private static UnencryptedEngine engine() {
    return new UnencryptedEngine(null, new FrameLengths(AT_MOST));
  }

  private static byte[] connection(List<Integer> frames, int last) {
    int bytes = 9 + frames.stream().mapToInt(length -> 4 + length).sum();
    ByteBuffer all = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.put("AKKA".getBytes()).put((byte) 2);
    for (int length : frames) {
      all.putInt(length).put(new byte[length]);
    }
    return all.putInt(last).array();
  }

  /** What a peer gets to see of a connection that comes in pieces. */
  private static byte[] received(byte[] sent, int piece) throws SSLException {
    UnencryptedEngine engine = engine();
    assertThat(engine.unwrap(ByteBuffer.wrap(sent), ByteBuffer.allocate(0)).getHandshakeStatus())
        .isEqualTo(HandshakeStatus.FINISHED);
    ByteBuffer to = ByteBuffer.allocate(sent.length);
    for (int at = 0; at < sent.length; at += piece) {
      ByteBuffer from = ByteBuffer.wrap(sent, at, Math.min(piece, sent.length - at));
      assertThat(engine.unwrap(from, to).getStatus()).isEqualTo(Status.OK);
      assertThat(from.hasRemaining()).isFalse();
    }
    return to.array();
  }

  @Property(tries = 200)
  void framesOfPossibleLengthsPass(
      @ForAll @Size(max = 5) List<@IntRange(max = AT_MOST) Integer> frames,
      @ForAll @IntRange(max = AT_MOST) int last,
      @ForAll @IntRange(min = 1, max = 40) int piece)
      throws SSLException {
    byte[] sent = connection(frames, last);
    assertThat(received(sent, piece)).isEqualTo(sent);
  }

  @Property(tries = 200)
  void othersEndTheConnection(
      @ForAll @Size(max = 5) List<@IntRange(max = AT_MOST) Integer> frames,
      @ForAll int last,
      @ForAll @IntRange(min = 1, max = 40) int piece) {
    int refused = last >= 0 && last <= AT_MOST ? last - AT_MOST - 1 : last;
    assertThatThrownBy(() -> received(connection(frames, refused), piece))
        .isInstanceOf(SSLException.class)
        .hasMessage(
            "a peer sent a frame of %d bytes, which no node does; its connection is closed",
            Integer.toUnsignedLong(refused));
  }

  @Test
  void aFullTargetTakesTheRestLater() throws SSLException {
    UnencryptedEngine engine = engine();
    byte[] sent = connection(List.of(300), 7);
    ByteBuffer from = ByteBuffer.wrap(sent);
    engine.unwrap(from, ByteBuffer.allocate(0));
    ByteBuffer to = ByteBuffer.allocate(sent.length);
    to.limit(8);
    assertThat(engine.unwrap(from, to).bytesProduced()).isEqualTo(8);
    assertThat(engine.unwrap(from, to).getStatus()).isEqualTo(Status.BUFFER_OVERFLOW);
    to.limit(to.capacity());
    assertThat(engine.unwrap(from, to).getStatus()).isEqualTo(Status.OK);
    assertThat(engine.unwrap(from, to).getStatus()).isEqualTo(Status.BUFFER_UNDERFLOW);
    assertThat(to.array()).isEqualTo(sent);
  }

  @Test
  void closesAsAConnectionDoes() throws SSLException {
    UnencryptedEngine engine = engine();
    assertThat(engine.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
    ByteBuffer to = ByteBuffer.allocate(10);
    assertThat(engine.wrap(ByteBuffer.wrap(new byte[3]), to).getHandshakeStatus())
        .isEqualTo(HandshakeStatus.FINISHED);
    assertThat(to.position()).isEqualTo(3);
    assertThat(engine.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
    engine.closeOutbound();
    assertThat(engine.getHandshakeStatus()).isEqualTo(HandshakeStatus.NEED_WRAP);
    assertThat(engine.isOutboundDone()).isFalse();
    assertThat(engine.isInboundDone()).isTrue();
    assertThat(engine.wrap(ByteBuffer.wrap(new byte[3]), to).getStatus()).isEqualTo(Status.CLOSED);
    assertThat(engine.isOutboundDone()).isTrue();
    assertThat(engine.unwrap(ByteBuffer.wrap(new byte[3]), to).getStatus())
        .isEqualTo(Status.CLOSED);
    UnencryptedEngine closedByPeer = engine();
    closedByPeer.closeInbound();
    assertThat(closedByPeer.isInboundDone()).isTrue();
    assertThat(closedByPeer.unwrap(ByteBuffer.wrap(new byte[3]), to).getStatus())
        .isEqualTo(Status.CLOSED);
  }
}
