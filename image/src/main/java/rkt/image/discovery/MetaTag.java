package rkt.image.discovery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import rkt.image.auth.RepositoryPrefix;

/**
 * {@code <meta name="ac-..." content="PREFIX TARGET">}.
 *
 * @param prefix the names it speaks of
 * @param target a template or a URL
 */
record MetaTag(String name, String prefix, String target) {
  static final String IMAGES = "ac-discovery";
  static final String KEYS = "ac-discovery-pubkeys";

  private static final int MAX_TAGS = 1000;

  /** The tags of a page that concern an image name, in their order. */
  static List<MetaTag> of(byte[] page, String kind, String imageName) throws IOException {
    List<MetaTag> found = new ArrayList<>();
    // Parses what it is given and nothing else: jsoup fetches neither frames nor scripts.
    Document document = Jsoup.parse(new ByteArrayInputStream(page), null, "");
    for (Element meta : document.getElementsByTag("meta")) {
      if (!meta.attr("name").equals(kind) || found.size() >= MAX_TAGS) {
        continue;
      }
      String content = meta.attr("content").strip();
      int blank = firstBlank(content);
      if (blank < 0) {
        continue;
      }
      String prefix = content.substring(0, blank);
      String target = content.substring(blank).strip();
      if (!target.isEmpty() && firstBlank(target) < 0 && covers(prefix, imageName)) {
        found.add(new MetaTag(kind, prefix, target));
      }
    }
    return found;
  }

  /** Who speaks of {@code example.com/app} does not speak of {@code example.com/apple}. */
  private static boolean covers(String prefix, String imageName) {
    String name = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    return RepositoryPrefix.covers(name, imageName);
  }

  private static int firstBlank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isWhitespace(text.charAt(i))) {
        return i;
      }
    }
    return -1;
  }
}
