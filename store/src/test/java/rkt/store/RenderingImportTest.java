package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.schema.trust.Verdict;
import rkt.store.unpack.TarBuilder;

/** ACIs that are unpacked while they are imported: the same trees, and as little left behind. */
class RenderingImportTest {
  private static final ImportOptions RENDERING = ImportOptions.of("test.aci").withRendering(true);

  @TempDir Path temporary;
  private StoreFixture f;
  private StoreFixture twoPasses;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary.resolve("one"));
    twoPasses = new StoreFixture(temporary.resolve("two"));
  }

  private List<Path> trees() throws IOException {
    try (Stream<Path> trees = Files.list(f.cas.resolve("tree"))) {
      return trees.toList();
    }
  }

  private void assertNothingLeft() throws IOException {
    assertThat(f.files()).isEmpty();
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
    assertThat(f.cas.resolve("tree")).isEmptyDirectory();
    assertThat(f.cas.resolve("leases")).isEmptyDirectory();
  }

  /** Of every kind of entry. The second file of one name comes in through a link. */
  private static TarBuilder motley() {
    TarBuilder aci = StoreFixture.aci("example.com/motley", "");
    aci.entry("rootfs/dir", '5').mode(01777).uid(7).gid(8).add();
    aci.symlink("rootfs/link", "dir");
    aci.file("rootfs/dir/replaced", "one");
    aci.file("rootfs/link/replaced", "another, longer one");
    aci.file("rootfs/dir/empty", "");
    aci.hardLink("rootfs/hard", "rootfs/dir/replaced");
    aci.pax("SCHILY.xattr.user.mark", "yes");
    aci.entry("rootfs/program", '0').mode(04755).uid(1000).data("#!").add();
    aci.entry("rootfs/null", '3').device(1, 3).add();
    aci.entry("rootfs/pipe", '6').add();
    aci.pax("GNU.sparse.size", "100000", "GNU.sparse.map", "50000,4");
    aci.file("rootfs/sparse", "data");
    aci.file("rootfs/implied/a/b/c", "x".repeat(300_000));
    return aci;
  }

  @Test
  void theTreeIsThatOfTwoPasses() throws EngineException, IOException {
    byte[] aci = motley().bytes();
    ImageRecord early = f.importAci(aci, RENDERING);
    ImageRecord late = twoPasses.importAci(aci);
    assertThat(trees()).hasSize(1);
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();

    Path oneTree = trees().get(0);
    RootfsLayers rootfs = twoPasses.store.rootfs(late, false);
    Path twoTree = rootfs.lowerTopFirst().get(0).getParent();
    assertThat(f.store.rootfs(early, false).treeStoreId()).isEqualTo(rootfs.treeStoreId());
    assertThat(listing(oneTree)).isEqualTo(listing(twoTree));
    for (String file : List.of("hash", "size", "manifest", "image", "rendered")) {
      assertThat(oneTree.resolve(file)).as(file).hasSameBinaryContentAs(twoTree.resolve(file));
    }
    assertThat(f.store.verify(early).problems()).isEmpty();
    assertThat(twoPasses.store.verify(late).problems()).isEmpty();
    assertThat(f.store.sizeOf(early)).isEqualTo(twoPasses.store.sizeOf(late));
    assertThat(oneTree.resolve("rootfs/hard")).hasContent("another, longer one");

    Files.writeString(oneTree.resolve("rootfs/hard"), "another, wronger one");
    assertThat(f.store.verify(early).problems()).singleElement().asString().contains("tree hash");
  }

  /** All that stat says but device, inode and change time. */
  private static TreeMap<String, String> listing(Path tree) throws IOException {
    TreeMap<String, String> listing = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(tree.resolve("rootfs"))) {
      for (Path path : walk.toList()) {
        TreeMap<String, Object> stat =
            new TreeMap<>(
                Files.readAttributes(
                    path,
                    "unix:mode,uid,gid,size,nlink,lastModifiedTime,rdev",
                    LinkOption.NOFOLLOW_LINKS));
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          stat.remove("size");
        }
        listing.put(tree.relativize(path).toString(), stat.toString());
      }
    }
    return listing;
  }

  @Test
  void compressedAndNotAlone() throws EngineException, IOException {
    byte[] noise = new byte[3 << 20];
    new java.util.Random(1).nextBytes(noise);
    String text = HexFormat.of().formatHex(noise);
    byte[] aci = StoreFixture.aci("a", "").file("rootfs/big", text).bytes();
    ImageRecord image = f.importAci(StoreFixture.gzip(aci), RENDERING);
    assertThat(trees().get(0).resolve("rootfs/big")).hasContent(text);
    assertThat(f.store.verify(image).problems()).isEmpty();
  }

  @Test
  void theManifestMayComeLast() throws EngineException, IOException {
    byte[] aci =
        new TarBuilder()
            .dir("rootfs")
            .file("rootfs/x", "x")
            .entry("manifest", '0')
            .data(StoreFixture.manifest("a", ""))
            .add()
            .bytes();
    ImageRecord image = f.importAci(aci, RENDERING);
    assertThat(trees().get(0).resolve("rootfs/x")).hasContent("x");
    assertThat(f.store.verify(image).problems()).isEmpty();
  }

  private static byte[] withManifest(String more, boolean last) {
    byte[] json = StoreFixture.manifest("a", more);
    TarBuilder aci = new TarBuilder();
    if (!last) {
      aci.entry("manifest", '0').data(json).add();
    }
    aci.dir("rootfs").file("rootfs/x", "x").file("rootfs/y", "y");
    if (last) {
      aci.entry("manifest", '0').data(json).add();
    }
    return aci.bytes();
  }

  @Test
  void whatDoesNotStandForItselfIsRenderedLater() throws EngineException, IOException {
    f.importAci(StoreFixture.aci("d", "").file("rootfs/z", "z").bytes());
    for (boolean last : new boolean[] {false, true}) {
      ImageRecord dependent =
          f.importAci(withManifest(",\"dependencies\":[{\"imageName\":\"d\"}]", last), RENDERING);
      assertThat(f.cas.resolve("tree")).isEmptyDirectory();
      assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
      Path tree = f.store.rootfs(dependent, false).lowerTopFirst().get(0);
      assertThat(tree.resolve("z")).hasContent("z");
      f.store.remove(dependent.id());
      ImageRecord chosen =
          f.importAci(withManifest(",\"pathWhitelist\":[\"/x\"]", last), RENDERING);
      assertThat(trees()).hasSize(1);
      tree = f.store.rootfs(chosen, false).lowerTopFirst().get(0);
      assertThat(tree.resolve("x")).hasContent("x");
      assertThat(tree.resolve("y")).doesNotExist();
      f.store.remove(chosen.id());
      f.store.gc(new GcPolicy(false, 0, java.util.Set.of(), java.util.Set.of()));
    }
  }

  @Test
  void aRefusingGateLeavesNothing() throws IOException {
    Gate refusing =
        new Gate() {
          @Override
          public void bytes(byte[] block, int offset, int length) {}

          @Override
          public Verdict admit(ImageManifest manifest, ImageId id) throws EngineException {
            // What is unpacked is nowhere anybody would look.
            assertThat(f.cas.resolve("tree")).isEmptyDirectory();
            throw EngineException.of(ErrorCode.REFUSED, "import", "no");
          }
        };
    assertThatThrownBy(() -> f.importAci(motley().bytes(), RENDERING.withGate(refusing)))
        .hasMessageContaining("no");
    assertNothingLeft();
  }

  private void refused(byte[] archive, ErrorCode code, String words) throws IOException {
    assertThatThrownBy(() -> f.importAci(archive, RENDERING))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining(words);
    assertNothingLeft();
  }

  @Test
  void damagedAndHostileArchivesLeaveNothing() throws IOException {
    byte[] whole = motley().bytes();
    refused(Arrays.copyOf(whole, 100_000), ErrorCode.CORRUPT, "cut short");
    refused(motley().unfinished(), ErrorCode.CORRUPT, "end marker");
    refused(motley().file("evil", "x").bytes(), ErrorCode.REFUSED, "unexpected");
    refused(motley().file("rootfs//pipe", "x").bytes(), ErrorCode.REFUSED, "duplicate");
    refused(motley().file("rootfs/../x", "x").bytes(), ErrorCode.REFUSED, "climbs");
    refused(
        new TarBuilder().dir("rootfs").file("rootfs/x", "x").bytes(),
        ErrorCode.CORRUPT,
        "missing manifest");
    byte[] zipped = StoreFixture.gzip(whole);
    zipped[zipped.length - 6] ^= 1;
    refused(zipped, ErrorCode.CORRUPT, "");
    byte[] damaged = whole.clone();
    damaged[damaged.length - 5000 - (5000 % 512)] ^= 1;
    ImageId expected = ImageId.sha512(Hashes.hex(Hashes.sha512().digest(whole)));
    assertThatThrownBy(() -> f.importAci(damaged, RENDERING.withExpected(expected)))
        .hasMessageContaining("image hash does not match expected (");
    assertNothingLeft();
  }

  /** As without: imported, since a whitelist may leave it out; then refused when it is rendered. */
  @Test
  void whatCannotBeUnpackedIsMetByTheRendering() throws EngineException, IOException {
    TarBuilder archive = motley().pax("SCHILY.xattr.trusted.overlay.redirect", "/etc");
    byte[] aci = archive.file("rootfs/evil", "x").file("rootfs/more", "x").bytes();
    ImageRecord image = f.importAci(aci, RENDERING);
    assertThat(f.cas.resolve("tree")).isEmptyDirectory();
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
    assertThatThrownBy(() -> f.store.rootfs(image, false)).hasMessageContaining("reserved");
  }

  @Test
  void anImageThatIsRenderedIsNotUnpackedAgain() throws EngineException, IOException {
    byte[] aci = StoreFixture.aci("a", "").file("rootfs/x", "one").bytes();
    f.importAci(aci, RENDERING);
    Object before = Files.getAttribute(trees().get(0), "unix:ino");
    f.importAci(aci, RENDERING);
    assertThat(trees()).hasSize(1);
    assertThat(Files.getAttribute(trees().get(0), "unix:ino")).isEqualTo(before);
    assertThat(f.cas.resolve("tmp")).isEmptyDirectory();
    // The guess goes by the manifest, and may be wrong.
    byte[] changed = StoreFixture.aci("a", "").file("rootfs/x", "two").bytes();
    ImageRecord other = f.importAci(changed, RENDERING);
    Path tree = f.store.rootfs(other, false).lowerTopFirst().get(0);
    assertThat(tree.resolve("x")).hasContent("two");
  }

  /** Trees of before have a hash of the ancestor's kind. */
  @Test
  void earlierTreesStillVerify() throws EngineException, IOException {
    ImageRecord image = f.importAci(motley().bytes(), RENDERING);
    Path tree = trees().get(0);
    String old = TreeHash.like("sha512-", f.kernel, tree, TreeDraft.NOT_HASHED);
    assertThat(old).startsWith("sha512-").hasSize(71);
    assertThat(tree.resolve("hash")).content().startsWith("v2-sha512-").isNotEqualTo("v2-" + old);
    Files.writeString(tree.resolve("hash"), old);
    assertThat(f.store.verify(image).problems()).isEmpty();
    Files.writeString(tree.resolve("rootfs/sparse"), "x");
    assertThat(f.store.verify(image).problems()).hasSize(1);
  }

  @Test
  void killedAtEveryStep() throws Exception {
    byte[] aci = StoreFixture.aci("a", "").file("rootfs/x", "x").dir("rootfs/d").bytes();
    List<Integer> survived = new ArrayList<>();
    for (int step = 1; survived.isEmpty(); step++) {
      StoreFixture here = new StoreFixture(temporary.resolve("step" + step));
      DyingKernel dying = new DyingKernel(here.kernel, step);
      try {
        ImageStore.open(here.cas, dying.kernel())
            .importAci(StoreFixture.stream(aci), RENDERING.withRefs(List.of(Reference.of("u"))));
      } catch (EngineException e) {
        assertThat(dying.isDead()).as(e.getMessage()).isTrue();
      }
      if (!dying.isDead()) {
        survived.add(step);
      }
      for (ImageRecord image : here.store.list()) {
        assertThat(here.store.verify(image).problems()).as("step " + step).isEmpty();
      }
      GcReport report = here.store.gc(StoreFixture.SWEEP);
      assertThat(report.failures()).as("step " + step).isEmpty();
      ImageRecord again = here.importAci(aci, RENDERING);
      assertThat(here.store.rootfs(again, false).lowerTopFirst().get(0).resolve("x"))
          .hasContent("x");
      assertThat(here.store.verify(again).problems()).as("step " + step).isEmpty();
      here.store.gc(StoreFixture.SWEEP);
      assertThat(here.cas.resolve("tmp")).isEmptyDirectory();
      assertThat(here.cas.resolve("leases")).isEmptyDirectory();
      here.store.gc(StoreFixture.ALL);
      assertThat(here.files()).isEmpty();
    }
    assertThat(survived.get(0)).isGreaterThan(100);
  }
}
