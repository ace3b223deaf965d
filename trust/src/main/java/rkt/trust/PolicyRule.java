package rkt.trust;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What images below a prefix must show.
 *
 * @param prefix what it is for, in its canonical spelling; empty: everything
 * @param accept what is enough; never empty. {@link Accept#UNSIGNED} and {@link Accept#NOTHING}
 *     stand alone
 * @param keys absolute paths of the public keys for {@link Accept#COSIGN}
 * @param identity what a cosign signature must say about the image's name; when the rule does not
 *     say: {@link Identity#REPOSITORY} for images from a registry, {@link Identity#ANY} for others
 * @param file the policy file the rule is from, for messages
 * @param line where in it
 */
public record PolicyRule(
    String prefix,
    List<Accept> accept,
    List<Path> keys,
    Optional<Identity> identity,
    Path file,
    int line) {

  /** What a rule may accept; the words are those of the policy file. */
  public enum Accept {
    /** An OpenPGP signature by a key of the keystore. */
    PGP("pgp"),
    /** A cosign signature by one of the rule's keys. */
    COSIGN("cosign"),
    /** Anything. */
    UNSIGNED("unsigned"),
    /** Nothing at all: the prefix is closed. */
    NOTHING("nothing");

    private final String word;

    Accept(String word) {
      this.word = word;
    }

    /** As it is written in the policy. */
    public String word() {
      return word;
    }
  }

  /** What a cosign signature must say about the name of the image. */
  public enum Identity {
    /** The repository the image comes from; the tag is not looked at. */
    REPOSITORY("repository"),
    /** Anything: for mirrors and images that moved. */
    ANY("any");

    private final String word;

    Identity(String word) {
      this.word = word;
    }

    /** As it is written in the policy. */
    public String word() {
      return word;
    }
  }

  public PolicyRule {
    accept = List.copyOf(accept);
    keys = List.copyOf(keys);
  }

  /**
   * Whether the rule is for a subject of this name. A prefix ends where a component does: {@code
   * example.com/app} is no prefix of {@code example.com/apple}. In names of local files a colon is
   * a character like any other.
   */
  boolean covers(String canonicalName) {
    int end = prefix.length();
    if (end == 0 || canonicalName.length() == end) {
      return end == 0 || canonicalName.equals(prefix);
    }
    return canonicalName.startsWith(prefix)
        && (boundary(canonicalName, end) || boundary(canonicalName, end - 1));
  }

  /** Whether an image of this format can have what the rule accepts. */
  public boolean suits(Subject.Format format) {
    Accept unfit = format == Subject.Format.ACI ? Accept.COSIGN : Accept.PGP;
    for (Accept each : accept) {
      if (each != unfit) {
        return true;
      }
    }
    return false;
  }

  /** Whether it closes its prefix. */
  public boolean isClosed() {
    return accept.contains(Accept.NOTHING);
  }

  private static boolean boundary(String name, int at) {
    char c = name.charAt(at);
    return c == '/' || (c == ':' && (!Names.isLocal(name) || name.indexOf(':') == at));
  }

  /** The words of {@link #accept}, for messages. */
  public String accepted() {
    List<String> words = new ArrayList<>(accept.size());
    for (Accept each : accept) {
      words.add(each.word());
    }
    return String.join(" or ", words);
  }

  /** Where the rule stands, for messages: {@code rule "P" of FILE, line N}. */
  public String where() {
    return "rule \"" + prefix + "\" of " + file + ", line " + line;
  }
}
