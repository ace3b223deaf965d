package rkt.image.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust for TLS: the system's certificate bundle, so that an authority the administrator
 * installed counts; else the one that came with Java; and the authorities configured for a registry
 * beside them.
 */
final class TlsTrust {
  /** How the failure begins when there is nothing to compare a certificate with. */
  static final String UNREADABLE = "cannot read the certificates to trust";

  /** Debian and its kin, then Fedora and its kin, then Alpine. */
  private static final List<String> BUNDLES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/cert.pem");

  private TlsTrust() {}

  static SSLContext context(TlsSettings settings) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      X509ExtendedTrustManager trust =
          settings.anyCertificate()
              ? new TrustsAnyone()
              : new TrustsAuthorities(settings.authorities());
      KeyManager[] keys =
          settings.client().isPresent() ? ClientKeys.of(settings.client().get()) : null;
      context.init(keys, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot set up TLS: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trusting(List<Path> more)
      throws GeneralSecurityException, IOException {
    List<X509Certificate> certificates = new ArrayList<>(system());
    for (Path file : more) {
      List<X509Certificate> own = certificates(file);
      if (own.isEmpty()) {
        throw new IOException(file + " has no certificate in it");
      }
      certificates.addAll(own);
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("ca" + i, certificates.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static List<X509Certificate> system() throws GeneralSecurityException, IOException {
    String chosen = System.getenv("SSL_CERT_FILE");
    if (chosen != null && !chosen.isEmpty()) {
      return certificates(Path.of(chosen));
    }
    for (String bundle : BUNDLES) {
      Path path = Path.of(bundle);
      if (Files.isReadable(path)) {
        return certificates(path);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager java) {
        return List.of(java.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  static List<X509Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    List<X509Certificate> found = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        if (certificate instanceof X509Certificate x509) {
          found.add(x509);
        }
      }
    } catch (CertificateException e) {
      throw new CertificateException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new IOException("cannot read " + file + ": no such file", e);
    }
    return found;
  }

  /**
   * Reads the bundle at the first handshake: a hundred and forty certificates that a pull over
   * plain HTTP never needs.
   */
  private static final class TrustsAuthorities extends X509ExtendedTrustManager {
    private final List<Path> more;
    private @Nullable X509ExtendedTrustManager loaded;

    TrustsAuthorities(List<Path> more) {
      this.more = more;
    }

    private synchronized X509ExtendedTrustManager trusted() throws CertificateException {
      X509ExtendedTrustManager known = loaded;
      if (known != null) {
        return known;
      }
      try {
        for (TrustManager manager : trusting(more)) {
          if (manager instanceof X509ExtendedTrustManager extended) {
            loaded = extended;
            return extended;
          }
        }
        throw new CertificateException("this Java has no X.509 trust manager");
      } catch (GeneralSecurityException | IOException e) {
        throw new CertificateException(UNREADABLE + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      trusted().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      trusted().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      trusted().checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("no servers here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("no servers here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no servers here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /**
   * {@code --insecure-options=tls}. It must extend the extended class: Java wraps a plain one and
   * checks host names on top.
   */
  private static final class TrustsAnyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
