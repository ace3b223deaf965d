package rkt.trust;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.schema.Urls;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/**
 * Shows keys to the user and adds those that are accepted: what {@code rkt trust} and the automatic
 * fetching of keys have in common. Each key is asked about by itself: that one of them came over
 * https says nothing about the next.
 */
public final class KeyReview {
  /** Who decides. */
  public interface Reviewer {
    /** A line of the key's description. */
    void out(String line);

    /** A message. */
    void note(String line);

    /** Whether somebody is there to be asked. */
    boolean isInteractive();

    /** Asks, and returns the answer without its line end; null-free: empty at the end of input. */
    String ask(String question) throws EngineException;

    /** Whether the input has ended: then asking again is useless. */
    boolean inputEnded();
  }

  /** Whose word counts. */
  public enum Accept {
    /** The reviewer's, for every key. */
    ASK,
    /** That of the server's certificate, for keys over https; the reviewer's for others. */
    HTTPS,
    /** Every key is accepted: the user named it, or dropped the review. */
    ALL
  }

  private static final int MAX_LOCATIONS = 64;

  private final Keystore keystore;
  private final KeySource source;
  private final Reviewer reviewer;
  private final boolean allowHttp;

  /**
   * @param allowHttp keys may also come over http ({@code --insecure-allow-http}, or the insecure
   *     options {@code pubkey} and {@code http} together)
   */
  public KeyReview(Keystore keystore, KeySource source, Reviewer reviewer, boolean allowHttp) {
    this.keystore = keystore;
    this.source = source;
    this.reviewer = reviewer;
    this.allowHttp = allowHttp;
  }

  /**
   * Reviews the keys at some locations.
   *
   * @param prefix empty: as root keys
   * @throws EngineException for the first key that cannot be had or is useless; an answer of "no"
   *     is none
   */
  public void add(String prefix, List<String> locations, Accept accept) throws EngineException {
    for (String location : bounded(prefix, locations)) {
      addOne(prefix, location, accept);
    }
  }

  /**
   * Reviews keys that a page named: over https only counts what a page named that came so itself.
   *
   * @throws EngineException as {@link #add}
   */
  public void addOffered(String prefix, KeySource.Offer offer, Accept accept)
      throws EngineException {
    for (String location : bounded(prefix, offer.locations())) {
      boolean vouched = accept != Accept.HTTPS || offer.https().contains(location);
      addOne(prefix, location, vouched ? accept : Accept.ASK);
    }
  }

  private static List<String> bounded(String prefix, List<String> locations)
      throws EngineException {
    if (!prefix.isEmpty()) {
      Keystore.components(prefix);
    }
    if (locations.size() > MAX_LOCATIONS) {
      throw EngineException.of(
          ErrorCode.REFUSED, adding(prefix), "more than " + MAX_LOCATIONS + " keys are offered");
    }
    return locations;
  }

  /**
   * Before the image {@code name} is fetched and its signature needs checking: discovers keys,
   * unless there are any for it. Problems are notes: whether a key was needed shows later.
   */
  public void fetchFor(String name, Accept accept) {
    try {
      if (keystore.hasKeysFor(name)) {
        reviewer.note("keys already exist for prefix \"" + name + "\", not fetching again");
        return;
      }
    } catch (EngineException e) {
      reviewer.note("error checking for existing keys: " + e.why());
      return;
    }
    KeySource.Offer offer;
    try {
      offer = source.discover(name);
    } catch (EngineException e) {
      reviewer.note("error determining key location: " + e.why());
      return;
    }
    try {
      addOffered(name, offer, accept);
    } catch (EngineException e) {
      reviewer.note("error adding keys: " + e.why());
    }
  }

  private void addOne(String prefix, String location, Accept accept) throws EngineException {
    String scheme = scheme(location);
    Read read = read(location, scheme);
    PgpKey key = read.key();
    show(prefix, location, key);
    String problem = key.problem();
    if (!problem.isEmpty()) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          adding(prefix),
          "the key at \"" + shown(location) + "\" vouches for nothing: " + problem);
    }
    boolean forced = accept == Accept.ALL || (accept == Accept.HTTPS && read.https());
    if (!forced && !accepted(prefix, location)) {
      reviewer.note("not trusting " + "\"" + shown(location) + "\"");
      return;
    }
    reviewer.out(
        "Trusting "
            + "\""
            + shown(location)
            + "\""
            + " for prefix \""
            + prefix
            + "\" "
            + (forced ? "without" : "after")
            + " fingerprint review.");
    Path file = new KeystoreChanges(keystore).add(prefix, key);
    reviewer.out(
        prefix.isEmpty()
            ? "Added root key at \"" + file + "\""
            : "Added key for prefix \"" + prefix + "\" at \"" + file + "\"");
  }

  private String scheme(String location) throws EngineException {
    String scheme;
    try {
      // A name with a colon but without "://" is a file's.
      scheme = location.contains("://") ? new URI(location).getScheme() : "";
    } catch (URISyntaxException e) {
      throw new EngineException(
          ErrorCode.INVALID, accessing(location), "malformed URL: " + e.getReason(), "", null);
    }
    scheme = scheme == null ? "" : scheme.toLowerCase(Locale.ROOT);
    if (scheme.equals("http") && !allowHttp) {
      throw EngineException.of(
          ErrorCode.REFUSED, accessing(location), "--insecure-allow-http required for http URLs");
    }
    if (!List.of("", "http", "https").contains(scheme)) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          accessing(location),
          "only local files and http or https URLs supported");
    }
    return scheme;
  }

  /** A key, and whether it came over https all the way. */
  private record Read(PgpKey key, boolean https) {}

  private Read read(String location, String scheme) throws EngineException {
    byte[] bytes;
    boolean https = false;
    if (scheme.isEmpty()) {
      Path file = Path.of(location);
      bytes =
          BoundedFiles.readIfThere(keystore.kernel(), file, PgpKey.MAX_FILE, accessing(location))
              .orElseThrow(() ->
                  EngineException.of(
                      ErrorCode.NOT_FOUND,
                      accessing(location),
                      "open " + location + ": no such file or directory"));
    } else {
      KeySource.Fetched fetched = source.fetch(location);
      bytes = fetched.bytes();
      https = scheme.equals("https") && fetched.https();
    }
    try {
      return new Read(PgpKey.parse(bytes, Instant.now()), https);
    } catch (OpenPgpException e) {
      throw new EngineException(
          ErrorCode.INVALID, "error displaying the key " + shown(location), e.why(), "", e);
    }
  }

  private void show(String prefix, String location, PgpKey key) {
    reviewer.note("prefix: \"" + prefix + "\"\nkey: " + "\"" + shown(location) + "\"");
    reviewer.out("gpg key fingerprint is: " + grouped(key.fingerprint()));
    for (PgpKey.Component subkey : key.subkeys()) {
      reviewer.out("    Subkey fingerprint: " + grouped(subkey.fingerprint()));
    }
    for (String identity : key.identities()) {
      reviewer.out("\t" + Texts.printable(identity));
    }
    if (key.others() > 0) {
      reviewer.note(
          "warning: only the first key of \""
              + shown(location)
              + "\" counts; "
              + key.others()
              + (key.others() == 1 ? " more is" : " more are")
              + " ignored (put each key into a file of its own)");
    }
  }

  private boolean accepted(String prefix, String location) throws EngineException {
    if (!reviewer.isInteractive()) {
      String option = prefix.isEmpty() ? "--root" : "--prefix \"" + prefix + "\"";
      reviewer.note(
          "To trust the key for \""
              + prefix
              + "\", do one of the following:\n"
              + (location.startsWith("https:") ? " - call rkt with --trust-keys-from-https\n" : "")
              + " - run: rkt trust "
              + option
              + "\n - download the key, compare its fingerprint, and run: rkt trust "
              + option
              + " KEYFILE");
      throw EngineException.of(
          ErrorCode.REFUSED,
          adding(prefix),
          "error reviewing key: unable to ask user to review fingerprint due to lack of tty",
          "--skip-fingerprint-review trusts " + shown(location) + " unseen");
    }
    String answer = reviewer.ask("Are you sure you want to trust this key (yes/no)?");
    while (!answer.equals("yes") && !answer.equals("no")) {
      if (reviewer.inputEnded()) {
        throw EngineException.of(
            ErrorCode.REFUSED, adding(prefix), "error reviewing key: nobody answered");
      }
      answer = reviewer.ask("Please enter 'yes' or 'no'");
    }
    return answer.equals("yes");
  }

  private static String adding(String prefix) {
    return prefix.isEmpty() ? "error adding root keys" : "error adding keys for \"" + prefix + "\"";
  }

  private static String accessing(String location) {
    return "error accessing the key " + shown(location);
  }

  /** Paths of local files stay as they are. */
  private static String shown(String location) {
    return Texts.printable(location.contains("://") ? Urls.shownRefused(location) : location);
  }

  /** Upper case in groups of four, with a wider gap in the middle: as GnuPG shows it. */
  public static String grouped(String fingerprint) {
    String upper = fingerprint.toUpperCase(Locale.ROOT);
    List<String> groups = new ArrayList<>();
    for (int from = 0; from < upper.length(); from += 4) {
      groups.add(upper.substring(from, Math.min(upper.length(), from + 4)));
    }
    int half = groups.size() / 2;
    return String.join(" ", groups.subList(0, half))
        + "  "
        + String.join(" ", groups.subList(half, groups.size()));
  }
}
