/**
 * The JSON reader and writer of rkt. Entry classes: {@link rkt.schema.json.Json} and {@link
 * rkt.schema.json.JsonWriter}.
 *
 * <p>Reading is strict RFC 8259: no comments, no trailing commas, no duplicate keys, no lone
 * surrogates, no more than {@value rkt.schema.json.Json#MAX_DEPTH} levels. Every value remembers
 * its line and column, and every error names them together with the path of the field, so that a
 * user can find the fault in a hand-written manifest. Field look-up follows the ancestor (Go):
 * exact name first, then ignoring case.
 *
 * <p>Written for start-up: one pass over a string, no reflection, no regular expressions. It must
 * not know any document type.
 */
package rkt.schema.json;
