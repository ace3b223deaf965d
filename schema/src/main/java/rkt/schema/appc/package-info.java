/**
 * The appc documents (spec level 0.8.11): {@link rkt.schema.appc.ImageManifest} and {@link
 * rkt.schema.appc.PodManifest}, and the types they are made of.
 *
 * <p>All types are immutable records whose constructors validate, so that a value that exists is
 * valid. Every document has {@code parse}, {@code read}, {@code write} and {@code toJson}; writing
 * is canonical: fixed field order, sorted maps, absent fields left out the way the ancestor left
 * them out. Constructor errors carry the rule's text; reading adds field path, line and column.
 *
 * <p>Must not know the store, images in transit or the host beyond its architecture.
 */
package rkt.schema.appc;
