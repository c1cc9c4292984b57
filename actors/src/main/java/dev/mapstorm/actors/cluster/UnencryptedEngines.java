package dev.mapstorm.actors.cluster;

import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import scala.Option;

/**
 * The engines of a node without TLS. Peers speak plain Artery, but a frame whose length no node
 * sends ends its connection before Artery sees it.
 *
 * <p>Named in the configuration of nodes, made by Pekko. Thread-safe.
 */
public final class UnencryptedEngines implements SSLEngineProvider {
  private final SSLSession session;
  private final int longestFrame;

  /** Called by Pekko. */
  public UnencryptedEngines(ActorSystem system) {
    try {
      session = SSLContext.getDefault().createSSLEngine().getSession();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no TLS at all", e);
    }
    longestFrame =
        Math.toIntExact(
            system.settings().config().getBytes("pekko.remote.artery.advanced.maximum-frame-size"));
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    return new UnencryptedEngine(session, new FrameLengths(longestFrame));
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    // Nothing comes back over a connection that a node opens; Artery ends one over which it does.
    return new UnencryptedEngine(session, null);
  }

  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession theSession) {
    return Option.empty();
  }

  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession theSession) {
    return Option.empty();
  }
}
