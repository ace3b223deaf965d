package rkt.stage1;

/** Which network namespace the apps of a pod see. */
public enum NetMode {
  /** The host's own. */
  HOST,
  /** One of the pod's own, with nothing but loopback. */
  NONE,
  /** One that stands already, with interfaces in it. */
  JOINED
}
