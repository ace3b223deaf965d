/**
 * What every module of rkt shares: the version, the two exceptions and the image ID.
 *
 * <p>{@link rkt.schema.SchemaException} says that a text or value breaks its rules; it is unchecked
 * because records throw it from their constructors. {@link rkt.schema.EngineException} is the one
 * checked exception of the layers above, in three parts: what was attempted, why it failed, what to
 * do. {@link rkt.schema.ImageId} names an image in the store.
 *
 * <p>Nothing here does I/O, and nothing here may pull in regular expressions, formatters or
 * reflection: these classes load on every start of rkt.
 */
package rkt.schema;
