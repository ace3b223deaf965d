package rkt.stage1;

/**
 * A socket that rkt was started with and that belongs to an app.
 *
 * @param fd its descriptor in this process, and in the supervisor it becomes
 * @param name what the service manager calls it; empty when it has not said
 */
public record PassedSocket(int fd, String name) {}
