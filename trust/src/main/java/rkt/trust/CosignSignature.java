package rkt.trust;

/**
 * One cosign signature as it was found beside an OCI image; nothing about it is checked yet.
 *
 * @param payload the signed bytes: a "simple signing" document that names the image's digest
 * @param signature as in the layer annotation {@code dev.cosignproject.cosign/signature}, base64
 * @param origin where it was found, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CosignSignature(byte[] payload, String signature, String origin) {}
