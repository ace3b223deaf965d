package rkt.image.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust for TLS: the system's certificate bundle, so that an authority the administrator
 * installed counts; else the one that came with Java.
 */
final class TlsTrust {
  /** Debian and its kin, then Fedora and its kin, then Alpine. */
  private static final List<String> BUNDLES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/cert.pem");

  private TlsTrust() {}

  static SSLContext context(boolean anyCertificate) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      X509ExtendedTrustManager trust = anyCertificate ? new TrustsAnyone() : new TrustsSystem();
      context.init(null, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot set up TLS: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] system() throws GeneralSecurityException, IOException {
    String chosen = System.getenv("SSL_CERT_FILE");
    if (chosen != null && !chosen.isEmpty()) {
      return trusting(Path.of(chosen));
    }
    for (String bundle : BUNDLES) {
      Path path = Path.of(bundle);
      if (Files.isReadable(path)) {
        return trusting(path);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return factory.getTrustManagers();
  }

  private static TrustManager[] trusting(Path bundle) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(bundle))) {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + count++, certificate);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /**
   * Reads the bundle at the first handshake: a hundred and forty certificates that a pull over
   * plain HTTP never needs.
   */
  private static final class TrustsSystem extends X509ExtendedTrustManager {
    private @Nullable X509ExtendedTrustManager loaded;

    private synchronized X509ExtendedTrustManager system() throws CertificateException {
      X509ExtendedTrustManager known = loaded;
      if (known != null) {
        return known;
      }
      try {
        for (TrustManager manager : TlsTrust.system()) {
          if (manager instanceof X509ExtendedTrustManager extended) {
            loaded = extended;
            return extended;
          }
        }
        throw new CertificateException("this Java has no X.509 trust manager");
      } catch (GeneralSecurityException | IOException e) {
        throw new CertificateException(
            "cannot read the system's certificates: " + e.getMessage(), e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      system().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      system().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      system().checkServerTrusted(chain, type);
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
