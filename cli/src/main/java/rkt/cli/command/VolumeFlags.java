package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.schema.SchemaException;
import rkt.schema.appc.Mount;
import rkt.schema.appc.Volume;

/** The volumes of a pod and where they are mounted: {@code --volume} and {@code --mount}. */
final class VolumeFlags {
  private VolumeFlags() {}

  static void flags(FlagSet flags) {
    flags
        .add(
            Flag.repeated(
                "volume",
                "volume to make available in the pod:"
                    + " NAME,kind=host,source=PATH[,readOnly=BOOL][,recursive=BOOL]"
                    + "[,propagation=rslave],"
                    + " NAME,kind=empty[,mode=MODE][,uid=UID][,gid=GID] or"
                    + " NAME,kind=tmpfs[,size=SIZE]. In values %2C is a comma, %26 an ampersand,"
                    + " %2B a plus sign and %25 a percent sign"))
        .add(
            Flag.repeated(
                    "mount",
                    "mount point binding a volume to a path inside the preceding app, or inside"
                        + " every app when it stands before the first image:"
                        + " volume=NAME,target=PATH")
                .forEachApp());
  }

  /** The volumes, in the order of the flags. */
  static List<Volume> volumes(FlagSet flags) throws CommandFailure {
    List<Volume> volumes = new ArrayList<>(flags.all("volume").size());
    for (String text : flags.all("volume")) {
      Volume volume;
      try {
        volume = Volume.parse(text);
      } catch (SchemaException e) {
        throw CommandFailure.of(
            "invalid value in --volume flag " + Values.quote(text) + ": " + e.getMessage());
      }
      for (Volume other : volumes) {
        if (other.name().equals(volume.name())) {
          throw CommandFailure.of("duplicate volume name " + Values.quote(volume.name().value()));
        }
      }
      volumes.add(volume);
    }
    return volumes;
  }

  /** Every mount needs a volume. */
  static void checkMounts(List<Mount> mounts, List<Volume> volumes) throws UsageException {
    for (Mount mount : mounts) {
      boolean found = false;
      for (Volume volume : volumes) {
        found |= volume.name().equals(mount.volume());
      }
      if (!found) {
        throw new UsageException(
            "dangling mount point "
                + Values.quote(mount.path())
                + ": volume "
                + Values.quote(mount.volume().value())
                + " not found");
      }
    }
  }
}
