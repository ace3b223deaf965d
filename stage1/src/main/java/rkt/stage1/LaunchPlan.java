package rkt.stage1;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that happens between the decision to start a pod and its supervisor running.
 *
 * <p>Apply in this order: directories, files, links, mounts, the steps inside the roots ({@link
 * PlanWriter} does it), then print the warnings and {@code execve(argv, env)} with the pod
 * directory as working directory.
 *
 * @param directories created with mode 0755 when missing, parents first
 * @param files written whole
 * @param links made when missing
 * @param mounts made in order
 * @param rootfs steps inside the apps' roots, by the root's host path
 * @param argv the command that replaces this process; its first element is an absolute path
 * @param env {@code NAME=value} strings of that command
 * @param warnings one line each, for stderr, without a prefix
 * @param cgroups what is written for the pod as a whole, in order, before its apps' cgroups exist
 * @param mapped what is mounted last in a pod with a user namespace of its own
 */
public record LaunchPlan(
    List<Path> directories,
    List<PlannedFile> files,
    List<PlannedLink> links,
    List<PlannedMount> mounts,
    Map<Path, List<RootfsStep>> rootfs,
    List<String> argv,
    List<String> env,
    List<String> warnings,
    List<CgroupWrite> cgroups,
    Optional<MappedMounts> mapped) {
  public LaunchPlan {
    directories = List.copyOf(directories);
    files = List.copyOf(files);
    links = List.copyOf(links);
    mounts = List.copyOf(mounts);
    rootfs = Map.copyOf(rootfs);
    argv = List.copyOf(argv);
    env = List.copyOf(env);
    warnings = List.copyOf(warnings);
    cgroups = List.copyOf(cgroups);
  }

  /** The whole plan as text, for {@code --debug} and for tests. */
  public String print() {
    StringBuilder out = new StringBuilder(4096);
    for (Path directory : directories) {
      out.append("mkdir ").append(directory).append('\n');
    }
    for (Map.Entry<Path, List<RootfsStep>> root : rootfs.entrySet()) {
      for (RootfsStep step : root.getValue()) {
        out.append("in ").append(root.getKey()).append(": ").append(step).append('\n');
      }
    }
    for (PlannedLink link : links) {
      out.append("link ").append(link.path()).append(" -> ").append(link.target()).append('\n');
    }
    for (PlannedMount mount : mounts) {
      out.append(mount).append('\n');
    }
    if (mapped.isPresent()) {
      out.append("mapped to ").append(mapped.get().range().text()).append('\n');
      for (MappedMounts.Root root : mapped.get().roots()) {
        out.append(root).append('\n');
      }
      for (PlannedMount mount : mapped.get().mounts()) {
        out.append(mount).append('\n');
      }
      for (MappedMounts.Bind bind : mapped.get().binds()) {
        out.append(bind).append('\n');
      }
    }
    for (PlannedFile file : files) {
      out.append("file ")
          .append(file.path())
          .append(" 0")
          .append(Integer.toOctalString(file.mode()));
      out.append('\n');
      String text = new String(file.bytes(), StandardCharsets.UTF_8);
      out.append(text.replace('\0', '\n')).append('\n');
    }
    for (CgroupWrite write : cgroups) {
      out.append("cgroup ").append(write.file()).append(" = ").append(write.value()).append('\n');
    }
    for (String variable : env) {
      out.append("env ").append(variable).append('\n');
    }
    out.append("exec");
    for (String argument : argv) {
      out.append(' ').append(argument);
    }
    return out.append('\n').toString();
  }
}
