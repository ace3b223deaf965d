package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

/** Members of group rkt may write index records, and root acts on them. */
class IndexEntryTest {
  private static String record(String treeId, String seed) {
    return """
    {"id":"sha512-%s","kind":"aci","name":"example.com/app","labels":[],"importTime":1,"size":1,
     "latest":true,"diffIds":[],"unpackedSize":0,"treeId":"%s","lowers":[],"blobs":[],
     "seeds":[{"path":"%s","mode":493,"uid":0,"gid":0,"sec":0,"nsec":0}]}
    """
        .formatted("a".repeat(64), treeId, seed);
  }

  private static IndexEntry parse(String json) {
    return IndexEntry.parse(json.getBytes(StandardCharsets.UTF_8), "record", 0);
  }

  @Test
  void ordinaryRecordsAreRead() {
    String id = TreeIds.of(List.of("part"));
    IndexEntry entry = parse(record(id, "a/..b/c"));
    assertThat(entry.treeId()).isEqualTo(id);
    assertThat(entry.seeds().get(0).path()).isEqualTo("a/..b/c");
    assertThat(parse(record("", "")).treeId()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "a/../../x", "a/..", "/etc"})
  void aSeedStaysBelowTheRoot(String path) {
    assertThatThrownBy(() -> parse(record("", path))).isInstanceOf(SchemaException.class);
  }

  @Test
  void aTreeIsOneOfTheStore() {
    String climbing = TreeIds.PREFIX + "../".repeat(21) + "x";
    assertThat(climbing).hasSameSizeAs(TreeIds.of(List.of("part")));
    for (String id : List.of(climbing, "../../home/user/tree", TreeIds.PREFIX + "00")) {
      assertThatThrownBy(() -> parse(record(id, ""))).isInstanceOf(SchemaException.class);
    }
  }
}
