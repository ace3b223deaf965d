package rkt.pod.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.auth.Credential;
import rkt.image.registry.RegistryRule;
import rkt.schema.Urls;
import rkt.schema.json.JsonWriter;

/**
 * The document of {@code rkt config}: one entry per domain and registry, one for paths, one for
 * stage1.
 */
final class ConfigPrinter {
  private static final String MASK = "********";

  private final boolean showSecrets;

  ConfigPrinter(boolean showSecrets) {
    this.showSecrets = showSecrets;
  }

  String print(Config config, boolean pretty) {
    JsonWriter out = pretty ? JsonWriter.pretty() : JsonWriter.compact();
    out.beginObject().name("stage0").beginArray();
    for (Map.Entry<String, Credential> entry : config.auth().entrySet()) {
      auth(out, entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Credential.Basic> entry : config.dockerAuth().entrySet()) {
      begin(out, "dockerAuth").name("registries").beginArray().value(entry.getKey()).endArray();
      out.name("credentials").beginObject().name("user").value(entry.getValue().user());
      out.name("password").value(secret(entry.getValue().password())).endObject().endObject();
    }
    for (Map.Entry<String, RegistryRule> entry : config.registries().byPrefix().entrySet()) {
      RegistryRuleFile.write(
          begin(out, "registries").name("registries"), entry.getKey(), entry.getValue());
    }
    begin(out, "paths").name("data").value(text(config.dataDir()));
    out.name("stage1-images").value(text(config.stage1Images()));
    if (!config.netPlugins().isEmpty()) {
      out.name("net-plugins").strings(texts(config.netPlugins()));
    }
    out.endObject();
    begin(out, "stage1").name("name").value(config.stage1().name());
    out.name("version").value(config.stage1().version());
    out.name("location")
        .value(showSecrets ? config.stage1().location() : Urls.shown(config.stage1().location()))
        .endObject();
    if (config.runtime().isPresent()) {
      begin(out, "runtime").name("path").value(text(config.runtime())).endObject();
    }
    return out.endArray().endObject().toString();
  }

  private static List<String> texts(List<Path> paths) {
    List<String> texts = new ArrayList<>(paths.size());
    for (Path path : paths) {
      texts.add(path.toString());
    }
    return texts;
  }

  private void auth(JsonWriter out, String domain, Credential entry) {
    begin(out, "auth").name("domains").beginArray().value(domain).endArray();
    switch (entry) {
      case Credential.Basic basic -> {
        out.name("type").value("basic").name("credentials").beginObject();
        out.name("user").value(basic.user()).name("password").value(secret(basic.password()));
      }
      case Credential.Bearer oauth -> {
        out.name("type").value("oauth").name("credentials").beginObject();
        out.name("token").value(secret(oauth.token()));
      }
      case Credential.Aws aws -> {
        out.name("type").value("aws").name("credentials").beginObject();
        out.name("accessKeyID").value(aws.accessKeyId());
        out.name("secretAccessKey").value(secret(aws.secretAccessKey()));
        out.name("awsRegion").value(aws.region());
      }
      case Credential.IdentityToken never ->
          throw new IllegalStateException("no file of auth.d gives an identity token");
    }
    out.endObject().endObject();
  }

  private static JsonWriter begin(JsonWriter out, String kind) {
    return out.beginObject().name("rktVersion").value("v1").name("rktKind").value(kind);
  }

  private String secret(String value) {
    return showSecrets ? value : MASK;
  }

  private static String text(Optional<Path> path) {
    return path.isPresent() ? path.get().toString() : "";
  }
}
