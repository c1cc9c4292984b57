package dev.mapstorm.actors.cluster;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * An engine that encrypts nothing: bytes go through as they are, and frames that come in are held
 * to a length ({@link FrameLengths}). It is where Artery lets somebody see the bytes of a
 * connection before its own framing does.
 *
 * <p>There is no handshake. The first call says that it is finished, which is what Pekko waits for
 * before it sends.
 */
final class UnencryptedEngine extends SSLEngine {
  private static final String[] NOTHING = {};

  private final SSLSession session;
  private final FrameLengths incoming;
  private boolean opened;
  private boolean inboundDone;
  private boolean outboundClosed;
  private boolean outboundDone;

  /**
   * @param session without cipher, for those who ask
   * @param incoming reads along what comes in; null if nothing may
   */
  UnencryptedEngine(SSLSession session, FrameLengths incoming) {
    this.session = session;
    this.incoming = incoming;
  }

  private SSLEngineResult result(Status status, int bytes) {
    HandshakeStatus handshake = getHandshakeStatus();
    if (!opened) {
      opened = true;
      handshake = HandshakeStatus.FINISHED;
    }
    return new SSLEngineResult(status, handshake, bytes, bytes);
  }

  private static int copy(ByteBuffer from, ByteBuffer to) {
    int bytes = Math.min(from.remaining(), to.remaining());
    to.put(to.position(), from, from.position(), bytes);
    from.position(from.position() + bytes);
    to.position(to.position() + bytes);
    return bytes;
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int count, ByteBuffer to) {
    if (outboundClosed) {
      outboundDone = true;
      return result(Status.CLOSED, 0);
    }
    int bytes = 0;
    for (int i = offset; i < offset + count; i++) {
      bytes += copy(sources[i], to);
    }
    return result(Status.OK, bytes);
  }

  /**
   * {@inheritDoc}
   *
   * @throws SSLException if a frame has a length that no node sends
   */
  @Override
  public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] targets, int offset, int count)
      throws SSLException {
    if (inboundDone) {
      return result(Status.CLOSED, 0);
    }
    if (!opened) {
      return result(Status.OK, 0);
    }
    if (!from.hasRemaining()) {
      return result(Status.BUFFER_UNDERFLOW, 0);
    }
    int bytes = 0;
    for (int i = offset; i < offset + count; i++) {
      ByteBuffer piece =
          from.slice(from.position(), Math.min(from.remaining(), targets[i].remaining()));
      long refused = incoming == null ? -1 : incoming.read(piece);
      if (refused >= 0) {
        inboundDone = true;
        throw new SSLException(
            "a peer sent a frame of %d bytes, which no node does; its connection is closed"
                .formatted(refused));
      }
      bytes += copy(from, targets[i]);
    }
    return result(bytes == 0 ? Status.BUFFER_OVERFLOW : Status.OK, bytes);
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    boolean mustSend = !opened || (outboundClosed && !outboundDone);
    return mustSend ? HandshakeStatus.NEED_WRAP : HandshakeStatus.NOT_HANDSHAKING;
  }

  @Override
  public void closeInbound() {
    inboundDone = true;
  }

  @Override
  public boolean isInboundDone() {
    return inboundDone;
  }

  /**
   * {@inheritDoc}
   *
   * <p>There is no last word of the peer's to wait for. Who waited for one would not end while the
   * peer cannot be reached, and a node that is cut off could not either.
   */
  @Override
  public void closeOutbound() {
    outboundClosed = true;
    inboundDone = true;
  }

  @Override
  public boolean isOutboundDone() {
    return outboundDone;
  }

  @Override
  public void beginHandshake() {
    // There is none.
  }

  @Override
  public Runnable getDelegatedTask() {
    return null;
  }

  @Override
  public SSLSession getSession() {
    return session;
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return NOTHING;
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return NOTHING;
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    throw new UnsupportedOperationException("nothing is encrypted");
  }

  @Override
  public String[] getSupportedProtocols() {
    return NOTHING;
  }

  @Override
  public String[] getEnabledProtocols() {
    return NOTHING;
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    throw new UnsupportedOperationException("nothing is encrypted");
  }

  @Override
  public void setUseClientMode(boolean mode) {
    throw new UnsupportedOperationException("both ends are alike");
  }

  @Override
  public boolean getUseClientMode() {
    return incoming == null;
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    throw new UnsupportedOperationException("nobody is asked who they are");
  }

  @Override
  public boolean getNeedClientAuth() {
    return false;
  }

  @Override
  public void setWantClientAuth(boolean want) {
    throw new UnsupportedOperationException("nobody is asked who they are");
  }

  @Override
  public boolean getWantClientAuth() {
    return false;
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {
    throw new UnsupportedOperationException("there are no sessions");
  }

  @Override
  public boolean getEnableSessionCreation() {
    return false;
  }
}
