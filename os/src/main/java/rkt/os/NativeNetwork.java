package rkt.os;

/**
 * The functions of {@code native/jni/network.c} and {@code conntrack.c}; results as those of {@link
 * Native}.
 */
final class NativeNetwork {
  static {
    System.loadLibrary("rktos");
  }

  private NativeNetwork() {}

  static native int interfaceUp(String name);

  static native int bindPort(int type, int protocol, String address, int port, boolean reuse);

  static native int forgetDatagrams(int first, int count);

  static native int socketName(int fd, int[] facts, String[] address);

  static native int spawn(String path, String[] argv, String[] envp, int in, int out, int err);

  static native int waitFor(int pid);
}
