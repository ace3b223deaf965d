package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import rkt.os.Errno;
import rkt.os.FdStream;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.ArchiveException;

/** What is stored of images; of blobs, for export and push, nothing is handed on unchecked. */
final class StoredContent {
  static final int MAX_DOCUMENT_BYTES = 64 << 20;

  private final Layout layout;
  private final Kernel kernel;

  StoredContent(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  InputStream openBlob(Digest digest) throws EngineException {
    return open(
        layout.ociBlob(digest),
        "blob " + digest,
        Hashes.of(digest),
        digest.algorithm() + ":",
        digest.toString());
  }

  InputStream openAci(ImageRecord image) throws EngineException {
    if (image.kind() != ImageRecord.Kind.ACI) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED, "read image " + image.id(), "it is an OCI image, not an ACI");
    }
    return open(
        layout.aciBlob(image.id()),
        "image " + image.id(),
        Hashes.sha512(),
        "sha512-",
        image.id().value());
  }

  byte[] manifestBytes(ImageRecord image) throws EngineException {
    if (image.manifestDigest().isEmpty()) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED, "read image " + image.id(), "it is an ACI, not an OCI image");
    }
    return document(image.manifestDigest().get());
  }

  OciManifest manifest(ImageRecord image) throws EngineException {
    try {
      return OciManifest.parse(manifestBytes(image));
    } catch (SchemaException e) {
      throw StoreFailures.of("read the manifest of image " + image.id(), e);
    }
  }

  byte[] configBytes(ImageRecord image) throws EngineException {
    return document(manifest(image).config().digest());
  }

  ImageManifest appcManifest(ImageRecord image) throws EngineException {
    try {
      return ImageManifest.parse(appcManifestBytes(image));
    } catch (SchemaException e) {
      throw StoreFailures.of("read the manifest of image " + image.id(), e);
    }
  }

  /** As stored, compact JSON. */
  byte[] appcManifestBytes(ImageRecord image) throws EngineException {
    String attempted = "read the manifest of image " + image.id();
    try {
      return layout.readFile(layout.manifest(image.id()), MAX_DOCUMENT_BYTES);
    } catch (IOException e) {
      if (e instanceof OsException os && os.is(Errno.ENOENT)) {
        throw StoreFailures.notFound(attempted, image.id());
      }
      throw StoreFailures.of(attempted, e);
    }
  }

  private byte[] document(Digest digest) throws EngineException {
    try (InputStream in = openBlob(digest)) {
      byte[] bytes = in.readNBytes(MAX_DOCUMENT_BYTES);
      if (in.read() >= 0) {
        throw new IOException("it is larger than " + MAX_DOCUMENT_BYTES + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw StoreFailures.of("read blob " + digest, e);
    }
  }

  private InputStream open(
      Path path, String what, MessageDigest hash, String prefix, String expected)
      throws EngineException {
    try {
      InputStream in = new FdStream(kernel, layout.openFile(path));
      return new Verified(in, what, hash, prefix, expected);
    } catch (IOException e) {
      if (e instanceof OsException os && os.is(Errno.ENOENT)) {
        throw EngineException.of(
            ErrorCode.NOT_FOUND, "read " + what, "it is not in the store", "fetch the image again");
      }
      throw StoreFailures.of("read " + what, e);
    }
  }

  /** Fails instead of ending when the content is not what its name says. */
  private static final class Verified extends InputStream {
    private final InputStream in;
    private final String what;
    private final MessageDigest hash;
    private final String prefix;
    private final String expected;
    private final byte[] one = new byte[1];
    private boolean verified;

    Verified(InputStream in, String what, MessageDigest hash, String prefix, String expected) {
      this.in = in;
      this.what = what;
      this.hash = hash;
      this.prefix = prefix;
      this.expected = expected;
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      int n = in.read(b, off, len);
      if (n > 0) {
        hash.update(b, off, n);
      } else if (n < 0 && !verified) {
        String found = prefix + Hashes.hex(hash.digest());
        // An image ID is the first half of the digest.
        if (!found.startsWith(expected)) {
          throw new ArchiveException(
              ArchiveException.Fault.CORRUPT,
              what + " is damaged: its digest is " + found + " (\"rkt image verify\" tells more)");
        }
        verified = true;
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
