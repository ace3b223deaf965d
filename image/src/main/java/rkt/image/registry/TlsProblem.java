package rkt.image.registry;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/**
 * Why there is no TLS, in words that need no knowledge of Java.
 *
 * @param words the reason
 */
public record TlsProblem(Kind kind, String words) {
  /** What each needs is something else. */
  public enum Kind {
    /** No TLS at all. */
    PLAIN,
    /** An authority this machine does not know. */
    UNKNOWN_AUTHORITY,
    /** Its time is over. */
    EXPIRED,
    /** Its time has not come. */
    NOT_YET,
    /** What this machine trusts is unknown. */
    NO_AUTHORITIES,
    /** A certificate of somebody else. */
    OTHER_HOST,
    /** The other side refused. */
    ALERT,
    /** The other side, or something on the way, hung up. */
    HUNG_UP,
    /** Anything else. */
    OTHER
  }

  public static TlsProblem of(SSLException e) {
    String said = Failures.reason(e);
    int unread = said.indexOf(TlsTrust.UNREADABLE);
    if (unread >= 0) {
      return new TlsProblem(Kind.NO_AUTHORITIES, said.substring(unread));
    }
    if (said.contains("nrecognized SSL message")) {
      return new TlsProblem(Kind.PLAIN, "what answers there is not TLS");
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof CertificateExpiredException) {
        return new TlsProblem(Kind.EXPIRED, "its certificate has expired" + detail(t));
      }
      if (t instanceof CertificateNotYetValidException) {
        return new TlsProblem(Kind.NOT_YET, "its certificate is not valid yet" + detail(t));
      }
      if (t instanceof CertPathBuilderException) {
        return new TlsProblem(
            Kind.UNKNOWN_AUTHORITY, "its certificate is signed by an unknown authority");
      }
    }
    for (String other : new String[] {"No subject alternative ", "No name matching "}) {
      int at = said.indexOf(other);
      if (at >= 0) {
        return new TlsProblem(
            Kind.OTHER_HOST,
            "its certificate is for another host name (" + said.substring(at) + ")");
      }
    }
    if (said.equals("Remote host closed the channel")
        || said.equals("Remote host terminated the handshake")) {
      return new TlsProblem(Kind.HUNG_UP, "it hung up in the middle of the TLS handshake");
    }
    String alert = "Received fatal alert: ";
    return said.contains(alert)
        ? new TlsProblem(
            Kind.ALERT,
            "it refused the TLS handshake: " + said.substring(said.indexOf(alert) + alert.length()))
        : new TlsProblem(Kind.OTHER, said);
  }

  private static String detail(Throwable t) {
    String message = t.getMessage();
    return message == null || message.isBlank() ? "" : " (" + Failures.plain(message) + ")";
  }

  /**
   * What to do.
   *
   * @param who {@code registry} or {@code server}
   */
  public String remedy(String who) {
    String any = "--insecure-options=tls accepts any certificate";
    boolean registry = who.equals("registry");
    return switch (kind) {
      case PLAIN ->
          "it seems to speak plain HTTP"
              + (registry ? "; --insecure-options=http allows that" : "; use an http:// URL");
      case UNKNOWN_AUTHORITY ->
          "install the "
              + who
              + "'s certificate authority"
              + (registry ? " or name it in registries.d" : "")
              + ", or "
              + any;
      case EXPIRED, NOT_YET ->
          "is this machine's clock right? If it is, the "
              + who
              + " needs another certificate; "
              + any;
      case NO_AUTHORITIES ->
          "mend that file or what names it: SSL_CERT_FILE"
              + (registry ? " or \"ca\" in registries.d" : "");
      case OTHER_HOST ->
          "use a host name that the certificate is for, if that is the same " + who + "; " + any;
      case ALERT -> registry ? "if it wants a client certificate, name one in registries.d" : "";
      case HUNG_UP -> "is the " + who + " overloaded, or is something on the way in between?";
      case OTHER -> any;
    };
  }
}
