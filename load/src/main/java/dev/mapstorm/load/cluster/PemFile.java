package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A file in PEM with one certificate or one private key. */
record PemFile(Path path) {

  /**
   * The certificate.
   *
   * @throws TlsException if the file has none
   */
  X509Certificate certificate() {
    if (content() instanceof X509CertificateHolder holder) {
      try {
        return new JcaX509CertificateConverter().getCertificate(holder);
      } catch (GeneralSecurityException e) {
        throw new TlsException("%s: the certificate is damaged".formatted(path), e);
      }
    }
    throw new TlsException("%s: must hold a certificate in PEM".formatted(path));
  }

  /**
   * The private key, not encrypted, PKCS#8 or PKCS#1.
   *
   * @throws TlsException if the file has none
   */
  PrivateKey privateKey() {
    Object content = content();
    try {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      if (content instanceof PrivateKeyInfo key) {
        return converter.getPrivateKey(key);
      } else if (content instanceof PEMKeyPair pair) {
        return converter.getPrivateKey(pair.getPrivateKeyInfo());
      }
    } catch (IOException e) {
      throw new TlsException("%s: the private key is damaged".formatted(path), e);
    }
    throw new TlsException("%s: must hold a private key in PEM, not encrypted".formatted(path));
  }

  /** The first object in the file. */
  private Object content() {
    if (!Files.exists(path)) {
      throw new TlsException("%s: there is no such file".formatted(path));
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.US_ASCII);
        PEMParser parser = new PEMParser(reader)) {
      return parser.readObject();
    } catch (IOException e) {
      throw new TlsException("%s: cannot be read as PEM".formatted(path), e);
    }
  }
}
