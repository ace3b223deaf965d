import org.jspecify.annotations.NullMarked;

/** The {@code rkt} command: argument grammar, one class per sub-command, rendering, exit codes. */
@NullMarked
module rkt.cli {
  requires rkt.pod;
  requires static org.jspecify;

  exports rkt.cli;
  exports rkt.cli.doc;
}
