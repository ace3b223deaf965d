package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.EtcHosts;
import rkt.stage1.PlannedFile;
import rkt.stage1.PlannedMount;
import rkt.stage1.PodSpec;
import rkt.stage1.ResolvConf;
import rkt.stage1.RootfsStep;
import rkt.stage1.rootfs.Rootfs;

/**
 * The files in {@code /etc} that rkt provides: host name, hosts, resolv.conf. What the user asked
 * for by a flag goes over volumes, a volume goes over what is provided unasked, and that over the
 * image's file (the hosts file: only when there is none).
 */
final class ProvidedFiles {
  private static final String HOSTNAME = "/etc/hostname";
  private static final String HOSTS = "/etc/hosts";
  private static final String RESOLV_CONF = "/etc/resolv.conf";

  private final PodSpec pod;
  private final PodPaths paths;

  ProvidedFiles(PodSpec pod) {
    this.pod = pod;
    this.paths = new PodPaths(pod.podDir());
  }

  /** Those that an app gets; the app's volumes are in its root already. */
  List<ProvidedFile> of(AppSpec app, Rootfs rootfs) throws EngineException, OsException {
    List<ProvidedFile> files = new ArrayList<>(3);
    provide(app, rootfs, HOSTNAME, paths.hostname(), true, false, files);
    if (pod.etcHosts().source() != EtcHosts.Source.FALLBACK) {
      boolean host = pod.etcHosts().source() == EtcHosts.Source.HOST;
      provide(app, rootfs, HOSTS, paths.hosts(), host, true, files);
    } else if (!rootfs.hasEntry(HOSTS)) {
      provide(app, rootfs, HOSTS, paths.hostsFallback(), false, false, files);
    }
    ResolvConf resolv = pod.resolvConf();
    if (resolv.source() == ResolvConf.Source.HOST || hasText(resolv)) {
      boolean host = resolv.source() == ResolvConf.Source.HOST;
      boolean asked = resolv.source() != ResolvConf.Source.NETWORK;
      provide(app, rootfs, RESOLV_CONF, paths.resolvConf(), host, asked, files);
    }
    return files;
  }

  private static boolean hasText(ResolvConf resolv) {
    return !resolv.text("").isEmpty();
  }

  private static void provide(
      AppSpec app,
      Rootfs rootfs,
      String name,
      Path source,
      boolean readOnly,
      boolean asked,
      List<ProvidedFile> files)
      throws EngineException, OsException {
    String place = rootfs.landing(name);
    String why = "";
    if (isKernels(place)) {
      // An image's link to /proc/sys/kernel/hostname, say, or one that wants to have rkt cover a
      // file of the kernel (CVE-2025-52881).
      why = name + " is a link to " + place;
    } else {
      BindMount volume = volumeAround(app, place);
      if (volume != null && !(asked && volume.placed() && rootfs.hasEntry(place))) {
        why = "the volume on " + volume.target() + " has no such file";
      }
    }
    if (why.isEmpty()) {
      files.add(new ProvidedFile(place, source, readOnly));
    } else if (asked) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "cannot start app \"" + app.name() + "\"",
          "its " + name + " cannot be provided: " + why,
          "make an ordinary file there, or leave out the --dns or --hosts-entry flags");
    }
  }

  private static boolean isKernels(String place) {
    boolean kernels = place.equals("/");
    for (String top : List.of("/proc", "/sys", "/dev")) {
      kernels |= place.equals(top) || place.startsWith(top + "/");
    }
    return kernels;
  }

  private static @Nullable BindMount volumeAround(AppSpec app, String place) {
    for (BindMount mount : app.mounts()) {
      if (place.equals(mount.target()) || place.startsWith(mount.target() + "/")) {
        return mount;
      }
    }
    return null;
  }

  /** What the roots need to have for these to be mounted. */
  static void targets(List<ProvidedFile> files, Rootfs rootfs, List<RootfsStep> steps)
      throws OsException {
    for (ProvidedFile file : files) {
      if (!rootfs.hasEntry(file.destination())) {
        steps.add(new RootfsStep.MountTarget(file.destination()));
      }
    }
  }

  /** What these are made from in the pod directory. */
  void sources(List<AppPlan> apps, List<PlannedFile> files) {
    boolean fallback = false;
    for (AppPlan app : apps) {
      for (ProvidedFile file : app.files()) {
        fallback |= file.source().equals(paths.hostsFallback());
      }
    }
    files.add(text(paths.hostname(), pod.hostname() + "\n"));
    if (fallback) {
      files.add(text(paths.hostsFallback(), EtcHosts.fallback(pod.hostname(), address())));
    }
    switch (pod.etcHosts().source()) {
      case FALLBACK -> {}
      case HOST -> files.add(text(paths.hosts(), ""));
      case FLAGS -> files.add(text(paths.hosts(), pod.etcHosts().text(pod.hostname(), address())));
    }
    ResolvConf resolv = pod.resolvConf();
    if (resolv.source() == ResolvConf.Source.HOST) {
      files.add(text(paths.resolvConf(), ""));
    } else if (hasText(resolv)) {
      boolean flags = resolv.source() == ResolvConf.Source.FLAGS;
      files.add(text(paths.resolvConf(), resolv.text(flags ? "Generated by rkt run" : "")));
    }
  }

  private String address() {
    return pod.network().isEmpty() ? "" : pod.network().get().address();
  }

  /** The host's own files over their place holders, read-only. */
  void mounts(Kernel kernel, List<PlannedMount> mounts) throws EngineException {
    if (pod.etcHosts().source() == EtcHosts.Source.HOST) {
      bind(kernel, HOSTS, paths.hosts(), mounts);
    }
    if (pod.resolvConf().source() == ResolvConf.Source.HOST) {
      bind(kernel, RESOLV_CONF, paths.resolvConf(), mounts);
    }
  }

  private static void bind(Kernel kernel, String source, Path target, List<PlannedMount> mounts)
      throws EngineException {
    try {
      kernel.fstatat(Consts.AT_FDCWD, source, 0);
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.NOT_FOUND,
          "cannot give the apps the host's " + source,
          String.valueOf(e.getMessage()),
          "make the file, or do not ask for the host's with --dns=host or --hosts-entry=host",
          e);
    }
    long remount = Consts.MS_REMOUNT | Consts.MS_BIND | Consts.MS_RDONLY;
    mounts.add(mount(source, target, Consts.MS_BIND));
    mounts.add(mount("none", target, remount | Consts.MS_NOSUID | Consts.MS_NODEV));
  }

  private static PlannedMount mount(String source, Path target, long flags) {
    return new PlannedMount(source, target, Optional.empty(), flags, Optional.empty());
  }

  private static PlannedFile text(Path path, String text) {
    return new PlannedFile(path, text.getBytes(StandardCharsets.UTF_8), 0644);
  }
}
