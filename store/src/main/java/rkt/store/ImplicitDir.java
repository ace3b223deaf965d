package rkt.store;

/**
 * A directory whose attributes the topmost layer that contains it does not state (its archive lists
 * a child but not the directory), so the overlay would show made-up ones, and its true attributes,
 * from a layer further down. Created in a pod's upper directory it shows the true ones.
 *
 * @param path relative to the root, "" is the root itself
 * @param mode permission bits
 */
public record ImplicitDir(String path, int mode, int uid, int gid, long mtimeSec, int mtimeNsec) {}
