package dev.mapstorm.load.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;

/**
 * A node's key and certificates as {@code --tls DIR} names them, checked, and what of Pekko's
 * configuration makes its links to other nodes mutual TLS with them.
 *
 * <p>Links are TLS 1.3 and nothing older. Both ends show a certificate; each accepts the other's if
 * the CA issued it and it has a subject (CN or alternative name) in common with its own.
 */
public final class TlsSettings {
  /** The node's private key: RSA, PEM, not encrypted. */
  public static final String KEY = "tls.key";

  /** The node's certificate: PEM, issued by the CA directly. */
  public static final String CERTIFICATE = "tls.crt";

  /** The certificate of the CA: PEM. */
  public static final String CA_CERTIFICATE = "ca.crt";

  private static final String ENGINE =
      "org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider";

  private final Path directory;

  private TlsSettings(Path directory) {
    this.directory = directory;
  }

  /**
   * Those in a directory.
   *
   * @param now instant at which the certificates have to be valid
   * @throws TlsException if a file is missing, cannot be read or is not what its name says, if a
   *     certificate is not valid, or if key, certificate and CA do not belong together
   */
  public static TlsSettings in(Path directory, Instant now) {
    if (!Files.isDirectory(directory)) {
      throw new TlsException(
          "%s: must be a directory with %s, %s and %s"
              .formatted(directory, KEY, CERTIFICATE, CA_CERTIFICATE));
    }
    Path keyFile = directory.resolve(KEY);
    Path file = directory.resolve(CERTIFICATE);
    Path caFile = directory.resolve(CA_CERTIFICATE);
    PrivateKey key = new PemFile(keyFile).privateKey();
    X509Certificate certificate = new PemFile(file).certificate();
    X509Certificate ca = new PemFile(caFile).certificate();
    checkValid(file, certificate, now);
    checkValid(caFile, ca, now);
    if (ca.getBasicConstraints() < 0) {
      throw new TlsException("%s: is not the certificate of a CA".formatted(caFile));
    }
    if (!key.getAlgorithm().equals("RSA")) {
      throw new TlsException(
          "%s: must be an RSA key, but is %s".formatted(keyFile, key.getAlgorithm()));
    }
    checkIssued(file, certificate, caFile, ca);
    if (!belongs(key, certificate.getPublicKey())) {
      throw new TlsException("%s: is not the key of %s".formatted(keyFile, file));
    }
    return new TlsSettings(directory.toAbsolutePath().normalize());
  }

  private static void checkValid(Path file, X509Certificate certificate, Instant now) {
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw new TlsException(
          "%s: expired at %s".formatted(file, certificate.getNotAfter().toInstant()));
    }
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      throw new TlsException(
          "%s: is not valid before %s".formatted(file, certificate.getNotBefore().toInstant()));
    }
  }

  private static void checkIssued(
      Path file, X509Certificate certificate, Path caFile, X509Certificate ca) {
    try {
      certificate.verify(ca.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new TlsException("%s: was not issued by the CA of %s".formatted(file, caFile), e);
    }
  }

  /** Whether what one signs is what the other verifies. */
  private static boolean belongs(PrivateKey key, PublicKey publicKey) {
    try {
      byte[] anything = {1};
      Signature signing = Signature.getInstance("SHA256withRSA");
      signing.initSign(key);
      signing.update(anything);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance("SHA256withRSA");
      verifying.initVerify(publicKey);
      verifying.update(anything);
      return verifying.verify(signature);
    } catch (SignatureException e) {
      // Keys of different sizes.
      return false;
    } catch (GeneralSecurityException e) {
      throw new TlsException("the key and the certificate cannot be used: " + e.getMessage(), e);
    }
  }

  /** What makes Artery use them; to be laid over the rest of a node's configuration. */
  public Config config() {
    String engine = "pekko.remote.artery.ssl.rotating-keys-engine.";
    return ConfigFactory.parseMap(
        Map.of(
            "pekko.remote.artery.transport",
            "tls-tcp",
            "pekko.remote.artery.ssl.ssl-engine-provider",
            ENGINE,
            engine + "key-file",
            directory.resolve(KEY).toString(),
            engine + "cert-file",
            directory.resolve(CERTIFICATE).toString(),
            engine + "ca-cert-file",
            directory.resolve(CA_CERTIFICATE).toString(),
            engine + "protocol",
            "TLSv1.3"));
  }
}
