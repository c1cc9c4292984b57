package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes a CA and a key and certificate for each node, for tests and demos: the CA's key lies beside
 * them, so whoever reads the directory can issue more. A deployment takes its own.
 */
public final class TestCertificates {
  /** The subject that all nodes have in common, by which they know each other's certificates. */
  public static final String CLUSTER = "mapstorm";

  private static final String CA_KEY = "ca.key";
  private static final String CA_NAME = "mapstorm test CA, not for production";
  private static final String SIGNING = "SHA256withRSA";
  private static final int KEY_BITS = 2048;
  private static final int SERIAL_BITS = 127;

  /** Clocks of nodes may differ by this much. */
  private static final Duration EARLIER = Duration.ofMinutes(5);

  private static final FileAttribute<?> FOR_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final List<String> nodes;
  private final Instant from;
  private final Instant until;
  private final SecureRandom random = new SecureRandom();

  /**
   * What is to be made.
   *
   * @param directory in which the CA and a directory for each node are made
   * @param nodes their names, each once
   * @param now from when on the certificates are valid
   * @param valid how long they are
   */
  public TestCertificates(Path directory, List<String> nodes, Instant now, Duration valid) {
    this.directory = directory;
    this.nodes = List.copyOf(nodes);
    from = now.minus(EARLIER);
    until = now.plus(valid);
  }

  /** The end of their validity. */
  public Instant until() {
    return until;
  }

  /**
   * Makes all of them. A private key is written so that only its owner can read it.
   *
   * @return the files, in the order in which they were written
   * @throws TlsException if one of them exists; nothing was written then
   */
  public List<Path> write() throws IOException {
    List<Path> all = files();
    for (Path file : all) {
      if (Files.exists(file)) {
        throw new TlsException(
            "%s exists, and nothing is overwritten; name another directory".formatted(file));
      }
    }
    try {
      KeyPair ca = keyPair();
      X500Name caName = name(CA_NAME);
      X509CertificateHolder caCertificate =
          builder(caName, ca.getPublic(), caName, ca.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .build(new JcaContentSignerBuilder(SIGNING).build(ca.getPrivate()));
      Files.createDirectories(directory);
      writeKey(directory.resolve(CA_KEY), ca);
      write(directory.resolve(TlsSettings.CA_CERTIFICATE), pem(caCertificate));
      for (String node : nodes) {
        Path own = Files.createDirectories(directory.resolve(node));
        KeyPair pair = keyPair();
        writeKey(own.resolve(TlsSettings.KEY), pair);
        write(own.resolve(TlsSettings.CERTIFICATE), pem(issue(node, pair, caName, ca)));
        write(own.resolve(TlsSettings.CA_CERTIFICATE), pem(caCertificate));
      }
      return all;
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new TlsException("the certificates cannot be made: " + e.getMessage(), e);
    }
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(directory.resolve(CA_KEY));
    files.add(directory.resolve(TlsSettings.CA_CERTIFICATE));
    for (String node : nodes) {
      Path own = directory.resolve(node);
      files.add(own.resolve(TlsSettings.KEY));
      files.add(own.resolve(TlsSettings.CERTIFICATE));
      files.add(own.resolve(TlsSettings.CA_CERTIFICATE));
    }
    return files;
  }

  private KeyPair keyPair() throws GeneralSecurityException {
    // Artery's engine reads RSA keys only.
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(KEY_BITS, random);
    return generator.generateKeyPair();
  }

  private static X500Name name(String common) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, common).build();
  }

  private X509v3CertificateBuilder builder(
      X500Name issuer, PublicKey issuerKey, X500Name subject, PublicKey key)
      throws GeneralSecurityException, IOException {
    BigInteger serial = new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE);
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    return new JcaX509v3CertificateBuilder(
            issuer, serial, Date.from(from), Date.from(until), subject, key)
        .addExtension(
            Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key))
        .addExtension(
            Extension.authorityKeyIdentifier,
            false,
            extensions.createAuthorityKeyIdentifier(issuerKey));
  }

  private X509CertificateHolder issue(String node, KeyPair pair, X500Name caName, KeyPair ca)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    GeneralName[] subjects = {
      new GeneralName(GeneralName.dNSName, node), new GeneralName(GeneralName.dNSName, CLUSTER)
    };
    KeyPurposeId[] bothEnds = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    return builder(caName, ca.getPublic(), name(node), pair.getPublic())
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(
            Extension.keyUsage,
            true,
            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(bothEnds))
        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(subjects))
        .build(new JcaContentSignerBuilder(SIGNING).build(ca.getPrivate()));
  }

  private static void writeKey(Path file, KeyPair pair) throws IOException {
    write(file, pem(new JcaPKCS8Generator(pair.getPrivate(), null)), FOR_OWNER);
  }

  private static void write(Path file, String text, FileAttribute<?>... attributes)
      throws IOException {
    Set<StandardOpenOption> fresh =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (ByteChannel channel = Files.newByteChannel(file, fresh, attributes);
        OutputStream out = Channels.newOutputStream(channel)) {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
